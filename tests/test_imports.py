"""Importing tenfold does nothing and costs nothing."""

import subprocess
import sys

import pytest

import tenfold
from tenfold import data, reading
from tenfold.training import estimator

FRAMEWORKS = {
    "torch",
    "sklearn",
    "matplotlib",
    "onnxruntime",
    "onnx",
    "scipy",
    "pandas",
    "dask",
    "cv2",
    "optuna",
    "jaxtyping",
}


def loaded_by(program: str) -> set[str]:
    """Return the top-level modules that are loaded after a program has run in a fresh process."""
    program += "\nprint('', *sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", f"import sys\n{program}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return {name.partition(".")[0] for name in said.split()}


def test_importing_tenfold_loads_no_library() -> None:
    """`import tenfold` loads no framework, and not even NumPy."""
    assert not loaded_by("import tenfold") & (FRAMEWORKS | {"numpy", "PIL", "typer", "rich", "requests"})


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["train", "--help"], ["sweep", "--help"], ["datasets"], ["show", "digits"]],
    ids=" ".join,
)
def test_commands_that_need_no_framework_load_none(arguments: list[str]) -> None:
    """Help, lists and drawing in the terminal load no framework."""
    program = (
        f"sys.argv = ['tenfold', *{arguments}]\n"
        "from tenfold.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code"
    )
    modules = loaded_by(program)
    assert "typer" in modules
    assert not modules & FRAMEWORKS


def test_loading_a_model_module_loads_no_training_framework() -> None:
    """The modules that serve load neither scikit-learn, torch nor the onnx package."""
    modules = loaded_by(
        "import tenfold.recognizer, tenfold.reading, tenfold.model_file, tenfold.data, tenfold.evaluation, "
        "tenfold.explain, tenfold.report"
    )
    assert not modules & FRAMEWORKS


def test_loading_the_service_loads_no_training_framework() -> None:
    """The service, and the processes in which it reads pictures, load none, nor each other's libraries."""
    training = {"torch", "sklearn", "scipy", "onnx", "dask", "matplotlib"}
    assert not loaded_by("import tenfold.serve.app, tenfold.serve.server") & (training | {"cv2"})
    assert not loaded_by("import tenfold.serve.reading_worker") & (training | {"fastapi", "uvicorn"})


def test_loading_training_loads_no_training_framework() -> None:
    """Each recipe imports what trains it when it trains; only the estimator needs scikit-learn to exist."""
    assert not loaded_by("import tenfold.training") & FRAMEWORKS
    assert "torch" not in loaded_by("import tenfold; tenfold.DigitClassifier")


def test_tenfold_has_its_public_names() -> None:
    """The names are those of their modules, and `dir` lists them."""
    assert tenfold.load is reading.load
    assert tenfold.load_dataset is data.load_dataset
    assert tenfold.DigitClassifier is estimator.DigitClassifier
    assert tenfold.__version__.count(".") == 2
    assert (
        dir(tenfold) == ["DigitClassifier", "__version__", "load", "load_dataset"] == sorted(tenfold.__all__)
    )


def test_unknown_names_are_attribute_errors() -> None:
    """A name that tenfold does not have is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match=r"module 'tenfold' has no attribute 'lod'"):
        _ = tenfold.lod
    assert not hasattr(tenfold, "lod")
