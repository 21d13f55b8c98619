"""docs/tutorial.md does what it shows, and the original fails where the page says so."""

import doctest
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.data import save_idx
from tenfold.data.sources import MNIST

PAGE = Path(__file__).parent.parent / "docs" / "tutorial.md"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield language and content of each block, in order."""
    for match in re.finditer(r"^```(python|console)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match[1], match[2]


def _run_python(block: str, names: dict[str, Any]) -> None:
    """Run a doctest session; names that it defines stay for the next."""
    example = doctest.DocTestParser().get_doctest(block, names, "tutorial", str(PAGE), 0)
    report: list[str] = []
    failed = (
        doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=report.append, clear_globs=False).failed
    )
    names.update(example.globs)
    assert not failed, "".join(report)


def _run_console(block: str) -> None:
    """Run each command of a console session and hold what it prints against what follows it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = session.partition("\n")
        done = subprocess.run(
            command, shell=True, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path}
        )
        assert doctest.OutputChecker().check_output(expected, done.stdout, OPTIONS), (command, done.stdout)


def _run(text: str, folder: Path, mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the blocks of a text in a folder, with MNIST; return how many there were."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TENFOLD_DATA", str(mnist_folder.parent))
    names: dict[str, Any] = {}
    n_blocks = 0
    for language, block in _blocks(text):
        _run_python(block, names) if language == "python" else _run_console(block)
        n_blocks += 1
    return n_blocks


@pytest.mark.slow
def test_tutorial_runs_up_to_the_training(
    tmp_path: Path, mnist_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps 1 to 3 print what the page shows."""
    steps, _ = PAGE.read_text("utf-8").split("## 4. ")
    assert _run(steps, tmp_path, mnist_folder, monkeypatch) >= 8


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_tutorial_runs_whole(tmp_path: Path, mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All steps print what the page shows, training included."""
    assert _run(PAGE.read_text("utf-8"), tmp_path, mnist_folder, monkeypatch) >= 12


def _parse_data(path_to_file: str, offset: int) -> Any:
    """Do what the original's function does."""
    with open(path_to_file, "rb") as data:  # noqa: PTH123
        return np.array(list(data.read()))


def test_original_leaves_the_header_in_front(tmp_path: Path) -> None:
    """The offset is never used, so the numbers begin with the header."""
    save_idx(tmp_path / "images", np.zeros((5, 28, 28), np.uint8))
    assert len(_parse_data(str(tmp_path / "images"), 16)) == 16 + 5 * 784


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("open('train_images_ubyte', 'rb')", FileNotFoundError, "train_images_ubyte"),
        ("open('train_label_ubyte', 'rb')", FileNotFoundError, "train_label_ubyte"),
        ("open('test_images_ubyte', 'rb')", FileNotFoundError, "test_images_ubyte"),
        ("np.reshape(np.zeros(16 + 60000 * 784, np.uint8), (60000, 784))", ValueError, "47040016"),
        ("np.reshape(Y_train, (60000, 1))", NameError, "Y_train"),
        ("StandardScaler().transform(np.zeros((2, 784)))", ValueError, "not fitted"),
        ("MLPClassifier(solver='lbfgs', alpha=1e-5)", NameError, "MLPClassifier"),
    ],
)
def test_original_line_raises(
    line: str, error: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line raises as the page says, beside the files under their published names."""
    from sklearn.preprocessing import StandardScaler

    for file in MNIST.files:
        (tmp_path / file.name).touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        eval(line, {"np": np, "y_train": np.zeros(60000), "StandardScaler": StandardScaler})


def test_original_first_command_fails_away_from_home(tmp_path: Path) -> None:
    """`mkdir ~/Development && cd Development` works at home only."""
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        "mkdir ~/Development && cd Development",
        shell=True,
        check=False,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(home)},
    )
    assert done.returncode != 0
    assert (home / "Development").is_dir()


def test_original_randint_goes_one_too_far() -> None:
    """`random.randint` includes its upper end; `randrange` does not."""
    generator = random.Random(0)
    assert max(generator.randint(0, 3) for _ in range(100)) == 3
    assert max(generator.randrange(3) for _ in range(100)) == 2


def test_original_labels_in_a_column_warn() -> None:
    """scikit-learn warns of labels of shape (n, 1), and flattens them."""
    from sklearn.exceptions import DataConversionWarning
    from sklearn.utils.validation import column_or_1d

    with pytest.warns(DataConversionWarning, match="column-vector"):
        assert column_or_1d(np.zeros((60_000, 1)), warn=True).shape == (60_000,)
