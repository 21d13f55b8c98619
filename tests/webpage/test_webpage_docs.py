"""The examples of docs/webpage.md run as they stand there."""

import re
from pathlib import Path

from tenfold import model_file, training
from tenfold.webpage import export_module
from tests.webpage.node import run_node

TEXT = (Path(__file__).parent.parent.parent / "docs" / "webpage.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """Return the blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_commands_on_the_page_are_of_the_program() -> None:
    """Each command has the form that `tenfold export --help` shows."""
    for command in "".join(blocks("sh")).splitlines():
        assert re.fullmatch(r"tenfold export( [\w.-]+)? --to [\w.-]+\.(html|js)", command)


def test_javascript_on_the_page_runs(run: training.Run, tmp_path: Path) -> None:
    """The blocks run in order, in Node, and print what they say."""
    model_file.save(tmp_path / "model.onnx", run.model)
    export_module(model_file.load("tiny-cnn"), tmp_path / "tenfold.js", name="tiny-cnn")
    (tmp_path / "examples.mjs").write_text("\n".join(blocks("js")), encoding="utf-8")
    command = f'process.chdir({str(tmp_path)!r});\nawait import("./examples.mjs");\n'
    (tmp_path / "start.mjs").write_text(command, encoding="utf-8")
    printed = run_node(tmp_path / "start.mjs").decode().splitlines()
    assert printed[:3] == ["tiny-cnn tutorial-mlp", "null 0 blank", "null 0 blank"]
    assert printed[3].startswith("images must be a Uint8Array with 784 bytes of each image.")
