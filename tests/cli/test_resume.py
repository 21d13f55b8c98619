"""`tenfold train` interrupted, killed and resumed: what is left, and that it ends as if nothing had been."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tenfold
from tenfold import training
from tenfold.cli.progress import fit_bar
from tenfold.data import Dataset
from tenfold.errors import CheckpointError
from tenfold.recipes import find_recipe, with_settings
from tenfold.training import Progress
from tests.cli.program import invoke, read_json
from tests.training.small import stop_at

TRAIN = ("train", "--recipe", "fast-mlp", "--dataset", "digits", "--set", "epochs=3")
CHECKPOINTS = Path("model.onnx.checkpoints")
LEFT = ["model.onnx", "model.onnx.json", "model.onnx.png"]
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # even from a `&` job
    "from tenfold.cli.main import main; main()"
)


@pytest.fixture(autouse=True)
def _workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


def names() -> list[str]:
    """Return what stands in the folder."""
    return sorted(path.name for path in Path().iterdir())


def saved_epochs() -> set[Path]:
    """Return the checkpoints that are there."""
    return set(CHECKPOINTS.rglob("epoch-*.safetensors"))


def recorded_curve() -> list[tuple[str, int, int, float]]:
    """Return what the record says of each epoch, times apart."""
    points = json.loads(Path("model.onnx.json").read_bytes())["curve"]
    return [(point["stage"], point["epoch"], point["iteration"], point["loss"]) for point in points]


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_next_epoch(process: subprocess.Popen[str]) -> None:
    """Return when the process has saved one more epoch, or has ended."""
    before = saved_epochs()
    while process.poll() is None and saved_epochs() <= before:
        time.sleep(0.002)


@pytest.mark.slow
def test_train_resumes_what_was_interrupted(digits: Dataset) -> None:
    """Another seed is refused by name; the same command ends as an uninterrupted run does, curve included."""
    recipe = with_settings(find_recipe("fast-mlp"), {"epochs": "3"})
    n_batches = -(-len(digits.train) // recipe.batch_size)
    with pytest.raises(KeyboardInterrupt, match="at step"):
        training.train(recipe, digits, checkpoints=CHECKPOINTS, on_progress=stop_at(3 * n_batches))
    assert len(saved_epochs()) == 2
    with pytest.raises(CheckpointError, match=r"Got one of seed 0, not 1\. Repeat the options"):
        invoke(*TRAIN, "--resume", "--seed", "1")
    with pytest.raises(CheckpointError, match=r"Got one of recipe\.epochs 3, not 4\."):
        invoke(*TRAIN, "--resume", "--set", "epochs=4")
    assert names() == [CHECKPOINTS.name]
    invoke(*TRAIN, "--resume")
    assert names() == LEFT
    resumed, curve = tenfold.load("model.onnx").sha256, recorded_curve()
    invoke(*TRAIN)
    assert tenfold.load("model.onnx").sha256 == resumed
    assert recorded_curve() == curve
    assert [(stage, epoch) for stage, epoch, _, _ in curve] == [("fit", 1), ("fit", 2), ("fit", 3)]
    assert names() == LEFT


def test_the_bar_of_a_resumed_run_starts_where_the_run_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old reports, repeated all at once, leave it at the last of them; the time left is that of its speed."""
    for name, value in (("TERM", "xterm"), ("FORCE_COLOR", "1"), ("COLUMNS", "120")):
        monkeypatch.setenv(name, value)
    with fit_bar("small") as draw:
        for epoch in range(1, 5):
            draw(Progress(100 * epoch, 500, 1 / epoch, 30.0 * epoch, epoch, 1000.0))
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert re.search(r"small ━{19}╺━{4} epoch 4  loss 0\.25  1,000 images/s \S+ 0:00:30", shown)


@pytest.mark.slow
def test_train_replaces_fields_of_a_torch_recipe() -> None:
    """--set epochs=2 trains two epochs, as card and record say, and --json has the figures of the file."""
    fields = [f"--set={field}" for field in ("epochs=2", "trial_epochs=2", "quantize=TRUE")]
    summary = read_json(*TRAIN, *fields, "--seed", "3")
    assert (summary["recipe"], summary["seed"]) == ("fast-mlp", 3)
    card = tenfold.load("model.onnx").card
    assert [card.recipe[name] for name in ("epochs", "trial_epochs", "quantize")] == [2, 2, True]
    assert card.metrics["test"]["accuracy"] == summary["test_accuracy"] > 0.5
    record = json.loads(Path("model.onnx.json").read_bytes())
    assert record["thresholds"] == card.thresholds
    assert [(point["stage"], point["epoch"]) for point in record["curve"]] == [
        ("trial", 1),
        ("trial", 2),
        ("fit", 1),
        ("fit", 2),
    ]


@pytest.mark.slow
def test_control_c_keeps_the_last_epoch() -> None:
    """Ctrl-C during training ends with exit code 130, and says where the last epoch is and how to go on."""
    with start(*TRAIN, "--set", "epochs=100000") as process:
        wait_for_next_epoch(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.count("\n") == 3
    assert f"The last epoch is kept in {CHECKPOINTS}. To go on: the same command, with --resume.\n" in err
    assert re.search(r"^tenfold: interrupted\.", err, re.MULTILINE)
    assert names() == [CHECKPOINTS.name]
    assert saved_epochs()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_killed_run_is_resumed_to_the_same_bytes() -> None:
    """Killed five times in both stages, at moments that hit a save or a step, it ends with the same file."""
    command = ("train", "--recipe", "robust-cnn", "--dataset", "digits", "--seed", "5")
    for setting in ("epochs=3", "trial_epochs=3", "members=1", "batch_size=64"):
        command += ("--set", setting)
    invoke(*command)
    uninterrupted, curve = tenfold.load("model.onnx").sha256, recorded_curve()
    Path("model.onnx").unlink()
    for delay in (0.0, 0.03, 0.1, 0.4, 0.2):
        with start(*command, *(["--resume"] if saved_epochs() else [])) as process:
            wait_for_next_epoch(process)
            time.sleep(delay)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        assert not Path("model.onnx").exists()
    assert {path.parent.name for path in saved_epochs()} == {"trial", "fit"}
    invoke(*command, "--resume")
    assert tenfold.load("model.onnx").sha256 == uninterrupted
    assert recorded_curve() == curve
    assert names() == LEFT
