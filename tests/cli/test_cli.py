"""The program `tenfold`: what it prints, how it ends, and how it fails."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

import tenfold
from tenfold import model_file, training
from tenfold.cli.main import app
from tenfold.data import Dataset
from tenfold.recipes import RECIPES
from tests.cli.program import invoke, read_json, run_main, spawn

GOLDEN = Path(__file__).parents[1] / "golden"
TRAIN = ("train", "--dataset", "digits", "--set", "max_iter=3", "--set", "hidden_units=8")
TRAIN_TORCH = ("train", "--recipe", "fast-mlp", "--dataset", "digits")
COMMANDS = (
    *("datasets", "fetch", "show", "data-check", "recipes", "train"),
    *("evaluate", "compare", "card", "explain", "read"),
)

BAD_INVOCATIONS = [
    (
        ["evaluate", "missing.onnx"],
        r"missing\.onnx must be a model file, or robust-cnn or tiny-cnn\. Got no such file",
    ),
    (["evaluate", "garbage.onnx"], r"garbage\.onnx is not a model that this tenfold opens\."),
    (["evaluate", "folder"], r"folder must be a model file\. Got a folder"),
    (["evaluate", "good.onnx", "--dataset", "nothing"], r"Got 'nothing'\."),
    (["evaluate", "good.onnx", "--confusion", "nowhere/c.png"], r"nowhere/c\.png cannot be written"),
    (["evaluate", "good.onnx", "--report", "nowhere/r.html"], r"nowhere/r\.html cannot be written"),
    (["evaluate", "garbage.onnx", "--report", "folder"], r"folder cannot be written: it is a folder"),
    (["show", "mnits"], r"dataset must be one of mnist, digits.*Got 'mnits'\. Did you mean mnist"),
    (["show", "mnist"], r"mnist was not found\. Looked in: TENFOLD_DATA \(not set\); the cache"),
    (["show", "folder"], r"folder must hold IDX files"),
    (["show", "digits", "--grid", "ten"], r"--grid must be ROWSxCOLUMNS.* Got 'ten'"),
    (["show", "digits", "--grid", "0x4"], r"--grid must be ROWSxCOLUMNS.* Got '0x4'"),
    (["show", "digits", "--grid", "99x99"], r"--grid must hold at most the 1438 images.* Got 9801"),
    (["show", "digits", "--index", "1438"], r"--index must be 0 to 1437\. Got 1438"),
    (["show", "digits", "--index", "-1"], r"--index must be 0 to 1437\. Got -1"),
    (["show", "digits", "--seed", "-1"], r"--seed must be 0 or more\. Got -1"),
    (["show", "digits", "--out", "nowhere/d.png"], r"nowhere/d\.png cannot be written"),
    (["show", "digits", "--out", "folder"], r"folder cannot be written"),
    (["data-check", "digits", "--out", "nowhere/d.png"], r"nowhere/d\.png cannot be written"),
    (["data-check", "digits", "--seed", "-1"], r"seed must be 0 to 4294967295\. Got -1"),
    (["fetch", "mnist"], r"mnist was not found.*downloads \(switched off\)"),
    (["fetch", "mnits"], r"Did you mean mnist"),
    ([*TRAIN, "--resume"], r"tutorial-mlp must be trained in one go.* Start without --resume"),
    (
        [*TRAIN_TORCH, "--resume"],
        r"model\.onnx\.checkpoints must hold a checkpoint to resume from\. Got none",
    ),
    ([*TRAIN_TORCH, "--set", "quantize=maybe"], r"quantize must be of type bool\. Got 'maybe'"),
    ([*TRAIN_TORCH, "--set", "epoch=2"], r"Got epoch\. Did you mean epochs\?"),
    ([*TRAIN_TORCH, "--set", "epochs=0"], r"epochs must be 1 or more\. Got 0"),
    (
        [*TRAIN_TORCH, "--set", "network=conv5"],
        r"network must be one of .*Got 'conv5'\. Did you mean conv4\?",
    ),
    (["train", "--recipe", "tutorial"], r"recipe must be one of.*Did you mean tutorial-mlp\?"),
    (["train", "--set", "hidden=3"], r"Got hidden\. Did you mean hidden_units\?"),
    (["train", "--set", "max_iter"], r"--set must be FIELD=VALUE\. Got max_iter"),
    (["train", "--set", "max_iter=x"], r"max_iter must be of type int\. Got 'x'"),
    (["train", "--dataset", "digits", "--out", "nowhere/m.onnx"], r"nowhere/m\.onnx cannot be written"),
    (["train", "--dataset", "digits", "--out", "folder"], r"folder cannot be written: it is a folder"),
    (["train", "--dataset", "mnist"], r"mnist was not found\. Looked in"),
    ([*TRAIN, "--seed", "-1"], r"seed must be 0 to 4294967295\. Got -1"),
]


@pytest.fixture(autouse=True)
def _workplace(run: training.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that holds a model, a file that is none, and a folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    model_file.save("good.onnx", run.model)
    Path("garbage.onnx").write_bytes(b"garbage")
    Path("folder").mkdir()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples(command: str) -> None:
    """Each command's help has examples that begin with the command itself."""
    text = invoke(command, "--help")
    assert "Examples:" in text
    assert re.search(rf"• .*tenfold {command}", text)
    assert invoke(command, "-h") == text


def test_help_lists_every_command() -> None:
    """The program's help names each command."""
    text = invoke("--help")
    assert all(re.search(rf"^│ {command} ", text, re.MULTILINE) for command in COMMANDS)


def test_version_is_the_packages() -> None:
    """--version prints the version of the package, alone."""
    assert invoke("--version") == f"tenfold {tenfold.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["trian"], r"No such command 'trian'. Did you mean 'train'\?"),
        (["show", "digits", "--indx", "3"], r"No such option.* --indx.*--index"),
        (["show", "digits", "--index", "three"], r"Invalid value for '--index'"),
        (["evaluate"], r"Usage: tenfold evaluate"),
    ],
)
def test_usage_errors_exit_with_2(arguments: list[str], match: str) -> None:
    """A command or option that does not exist ends with exit code 2, and a typo gets a suggestion."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert re.search(match, " ".join(result.output.split()))


def test_show_draws_a_digit() -> None:
    """The digit stands in half-blocks above its dataset, split, position and label."""
    assert invoke("show", "digits", "--index", "7") == (GOLDEN / "show-digits-7.txt").read_text("utf-8")


def test_show_repeats_with_a_seed() -> None:
    """The same seed draws the same random digit, another seed another, of the split asked for."""
    first, again, other = (invoke("show", "digits", "--seed", seed) for seed in ("1", "1", "2"))
    assert first == again != other
    assert re.search(r"^digits test \d+: \d$", invoke("show", "digits", "--split", "test"), re.MULTILINE)


def test_show_grid_draws_rows_of_digits(digits: Dataset) -> None:
    """A grid has 7 lines of 14 characters for each digit, and its labels in rows below."""
    lines = invoke("show", "digits", "--grid", "2x3", "--index", "5").splitlines()
    assert [len(line) for line in lines[:14]] == [42] * 14
    assert lines[14] == "digits train labels:"
    labels = [str(label) for label in digits.train.labels[5:11]]
    assert lines[15:] == [" ".join(labels[:3]), " ".join(labels[3:])]


@pytest.mark.parametrize(("grid", "size"), [((), (300, 360)), (("--grid", "2x5"), (350, 168))])
def test_show_writes_a_picture(grid: tuple[str, ...], size: tuple[int, int]) -> None:
    """--out writes a PNG with dark ink on white instead of drawing."""
    assert invoke("show", "digits", "--index", "7", *grid, "--out", "digit.png") == "Wrote digit.png.\n"
    with Image.open("digit.png") as picture:
        assert (picture.format, picture.size) == ("PNG", size)
        assert picture.convert("L").getextrema() == (0, 255)
        assert picture.convert("L").getpixel((0, 0)) == 255


def test_show_prints_json(digits: Dataset) -> None:
    """--json gives each digit with its position, label and exact pixels."""
    shown = read_json("show", "digits", "--split", "test", "--grid", "2x2", "--index", "3")
    assert [list(item) for item in shown] == [["dataset", "split", "index", "label", "pixels"]] * 4
    for position, item in enumerate(shown, start=3):
        assert (item["dataset"], item["split"], item["index"]) == ("digits", "test", position)
        assert item["label"] == digits.test.labels[position]
        assert item["pixels"] == digits.test.images[position].tolist()


def test_datasets_lists_names_and_places(tmp_path: Path) -> None:
    """The list has every named dataset with its size, license and place, as a table and as JSON."""
    table = invoke("datasets")
    assert re.search(r"^mnist +60,000 +10,000 +CC BY-SA 3\.0.*not here yet", table, re.MULTILINE)
    mnist, digits = read_json("datasets")
    assert list(mnist) == ["name", "title", "n_train", "n_test", "license", "homepage", "location"]
    assert (mnist["name"], mnist["location"]) == ("mnist", None)
    assert (digits["name"], digits["n_train"], digits["location"]) == ("digits", 1438, "in the package")


def test_recipes_lists_what_train_takes() -> None:
    """The list has every recipe with what it reached; as JSON also with what it must reach."""
    figures = r"^tutorial-mlp +the tutorial's .* 97\.69 ± 0\.07 % +3 +84 s"
    assert re.search(figures, invoke("recipes"), re.MULTILINE)
    listed = read_json("recipes")
    assert [recipe["name"] for recipe in listed] == list(RECIPES)
    assert (listed[0]["name"], listed[0]["hidden_units"], listed[0]["must_reach"]) == (
        "tutorial-mlp",
        397,
        0.9747,
    )
    assert listed[0]["measured"] == {"accuracy": 0.9769, "deviation": 0.0007, "seeds": 3, "seconds": 84.0}
    assert all(re.search(rf"^{name} +\w", invoke("recipes"), re.MULTILINE) for name in RECIPES)


def test_fetch_finds_what_comes_with_the_package() -> None:
    """Fetching the embedded digits needs no network and says where they are."""
    assert invoke("fetch", "digits") == "digits is in the package, verified.\n"
    assert read_json("fetch", "digits") == {"name": "digits", "location": "the package"}


def test_train_prints_the_accuracy_last() -> None:
    """The last line of the output is the accuracy of the file that was written, as the tutorial prints it."""
    last = invoke(*TRAIN, "--out", "new.onnx").splitlines()[-1]
    assert re.fullmatch(r"Model Accuracy: 0\.\d{4}", last)
    card = tenfold.load("new.onnx").card
    assert last == f"Model Accuracy: {card.metrics['test']['accuracy']:.4f}"
    assert (card.recipe["max_iter"], card.recipe["hidden_units"]) == (3, 8)


def test_train_prints_json() -> None:
    """--json prints the documented keys and nothing else, with the figures of the file's card."""
    summary = read_json(*TRAIN, "--seed", "4", "--out", "new.onnx")
    keys = ["model", "recipe", "dataset", "seed", "seconds", "test_accuracy", "n_test"]
    assert list(summary) == keys
    assert [summary[key] for key in keys[:4]] == ["new.onnx", "tutorial-mlp", "digits", 4]
    metrics = tenfold.load("new.onnx").card.metrics["test"]
    assert (summary["test_accuracy"], summary["n_test"]) == (metrics["accuracy"], metrics["n"])


def test_train_leaves_a_record_and_a_curve_beside_the_model() -> None:
    """Beside OUT stand OUT.json, which says how it was made, and OUT.png, the curve; and nothing else."""
    before = set(Path().iterdir())
    invoke(*TRAIN, "--out", "new.onnx")
    names = sorted(path.name for path in set(Path().iterdir()) - before)
    assert names == ["new.onnx", "new.onnx.json", "new.onnx.png"]
    record = json.loads(Path("new.onnx.json").read_bytes())
    assert record["model_sha256"] == tenfold.load("new.onnx").sha256
    assert [point["iteration"] for point in record["curve"]] == [1, 2, 3]
    with Image.open("new.onnx.png") as picture:
        assert picture.format == "PNG"


def test_train_falls_back_to_digits_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Without MNIST and without network, `train` says so once and trains on the embedded digits."""
    assert run_main(["train", "--set", "max_iter=2", "--set", "hidden_units=8"]) == 0
    out, err = capsys.readouterr()
    said = [line for line in err.splitlines() if "MNIST" in line]
    assert said == [err.splitlines()[0]]
    assert "neither on this machine nor reachable, so this trains on the 1,797 embedded digits" in said[0]
    assert re.fullmatch(r"Model Accuracy: 0\.\d{4}\n", out)
    assert tenfold.load("model.onnx").card.data["name"] == "digits"


def test_train_on_mnist_does_not_fall_back(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked for MNIST by name, `train` fails and names every place it looked."""
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "data"))
    assert run_main(["train", "--dataset", "mnist"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    for place in (tmp_path / "data" / "mnist", cache / "mnist", "downloads (switched off)"):
        assert str(place) in err
    assert not Path("model.onnx").exists()


@pytest.mark.slow
def test_train_takes_mnist_where_it_is(mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With MNIST below TENFOLD_DATA, `train` takes it without being asked."""
    monkeypatch.setenv("TENFOLD_DATA", str(mnist_folder.parent))
    settings = ("--set", "max_iter=1", "--set", "hidden_units=1")
    assert read_json("train", *settings)["dataset"] == "mnist"


def test_evaluate_prints_figures_and_confusions(run: training.Run) -> None:
    """The figures of the card stand above one row for each digit."""
    lines = [line.rstrip() for line in invoke("evaluate", "good.onnx").splitlines()]
    figures = run.evaluation
    assert lines[0] == "good.onnx on digits (test, 359 images)"
    assert lines[1].startswith(
        f"accuracy {figures.accuracy:.2%} (95 % interval {figures.accuracy_low:.2%} to"
    )
    assert lines[1].endswith(f"{figures.errors} errors")
    matrix = lines[lines.index("rows: true, columns: predicted") + 2 :][:10]
    assert [line[0] for line in matrix] == list("0123456789")
    row = [0 if cell == "·" else int(cell) for cell in matrix[0].split()[1:11]]
    assert row == figures.confusion[0, :10].tolist()
    by_class = lines[lines.index("by class") + 2 :][:10]
    assert [line.split()[2] for line in by_class] == [
        f"{recall:.2%}" for recall in figures.per_class.recall[:10]
    ]


def test_evaluate_prints_json(run: training.Run) -> None:
    """--json has the documented keys, and the figures that stand in the card."""
    summary = read_json("evaluate", "good.onnx")
    figures = ["n", "errors", "accuracy", "accuracy_low", "accuracy_high"]
    shares = ["top2_accuracy", "brier", "log_loss", "ece", "mean_risk"]
    accepted = ["threshold", "coverage", "n_accepted", "selective_errors", "selective_risk"]
    tables = ["answerable", "reliability", "without_disputed_labels", "per_class", "confusion"]
    assert list(summary) == ["model", "dataset", "split", *figures, *shares, *accepted, *tables]
    assert {key: summary[key] for key in shares} == run.evaluation.probability_figures()
    assert (summary["coverage"], summary["threshold"]) == (1, None)  # the tutorial's model never abstains
    assert summary["without_disputed_labels"] is None  # nobody disputes those of digits
    assert (summary["model"], summary["dataset"], summary["split"]) == ("good.onnx", "digits", "test")
    assert {key: summary[key] for key in figures} == run.model.card.metrics["test"]
    assert summary["confusion"] == run.evaluation.confusion.tolist()
    assert [item["class"] for item in summary["per_class"]] == [*map(str, range(10)), "none"]


def test_evaluate_takes_both_splits_as_one(digits: Dataset) -> None:
    """--split all evaluates every image, as is right for digits of one's own."""
    summary = read_json("evaluate", "good.onnx", "--split", "all")
    assert summary["n"] == len(digits.train) + len(digits.test)


def test_evaluate_takes_another_split_and_draws(digits: Dataset) -> None:
    """Any split can be evaluated, and the confusion matrix drawn."""
    options = ("--split", "train", "--dataset", "digits", "--confusion", "confusion.png")
    assert read_json("evaluate", "good.onnx", *options)["n"] == len(digits.train)
    with Image.open("confusion.png") as picture:
        assert picture.format == "PNG"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("datasets",),
        ("recipes",),
        ("show", "digits", "--seed", "1"),
        ("show", "digits", "--grid", "2x2"),
        ("evaluate", "good.onnx"),
        TRAIN,
    ],
    ids=" ".join,
)
def test_output_has_no_terminal_codes_when_piped(arguments: tuple[str, ...]) -> None:
    """What is not a terminal gets text alone, on both streams."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\r" not in result.output


@pytest.mark.parametrize(("arguments", "match"), BAD_INVOCATIONS, ids=lambda value: str(value)[:50])
def test_errors_are_one_line(arguments: list[str], match: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A tenfold error ends with exit code 1 and one line, before any work and without a file."""
    before = sorted(Path().rglob("*"))
    assert run_main(arguments) == 1
    out, err = capsys.readouterr()
    error = re.sub(r"^Training [a-z-]+ on 1,438 images of digits\.\n", "", err)
    assert out == ""
    assert re.fullmatch(rf"tenfold: .*{match}.*\n", error)
    assert sorted(Path().rglob("*")) == before


@pytest.mark.slow
def test_errors_are_the_same_without_assertions() -> None:
    """Under `python -O`, which drops assertions, every bad invocation fails in the same way."""
    program = (
        "import contextlib, io, json, sys\n"
        "from tenfold.cli.main import main\n"
        "assert False, 'this is no -O'\n"
        "for arguments in json.load(sys.stdin):\n"
        "    sys.argv, said, code = ['tenfold', *arguments], io.StringIO(), None\n"
        "    with contextlib.redirect_stderr(said):\n"
        "        try: main()\n"
        "        except SystemExit as end: code = end.code\n"
        "    print(json.dumps([code, said.getvalue().splitlines()[-1]]))\n"
    )
    wanted = json.dumps([arguments for arguments, _ in BAD_INVOCATIONS])
    command = [sys.executable, "-O", "-c", program]
    result = subprocess.run(command, input=wanted, capture_output=True, text=True, check=True)
    assert result.stderr == ""
    ends = [json.loads(line) for line in result.stdout.splitlines()]
    for (arguments, match), (code, line) in zip(BAD_INVOCATIONS, ends, strict=True):
        assert (code, bool(re.search(rf"^tenfold: .*{match}", line))) == (1, True), (arguments, line)


def test_an_error_ends_the_process_with_1() -> None:
    """As a process of its own too, an error is one line and exit code 1, and a usage error exit code 2."""
    result = spawn("evaluate", "garbage.onnx")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("tenfold: garbage.onnx is not a model")
    assert spawn("trian").returncode == 2


def test_show_draws_in_ascii_where_that_is_all_there_is() -> None:
    """An output that knows ASCII alone gets question marks, not a traceback."""
    result = spawn("show", "digits", "--index", "7", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (result.returncode, result.stderr) == (0, "")
    golden = (GOLDEN / "show-digits-7.txt").read_text("utf-8")
    assert result.stdout == golden.encode("ascii", "replace").decode()


@pytest.mark.parametrize("arguments", [("show", "digits"), ("fetch", "digits"), ("--help",)], ids=" ".join)
def test_a_closed_pipe_is_silent(arguments: tuple[str, ...]) -> None:
    """When the reader has gone, as after `| head -1`, the program ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = spawn(*arguments, stdout=writing)
    finally:
        os.close(writing)
    assert (result.returncode, result.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [("show", "digits"), ("fetch", "digits")], ids=" ".join)
def test_a_full_disk_is_one_line(arguments: tuple[str, ...]) -> None:
    """An output that cannot be written ends with one line that says why."""
    with Path("/dev/full").open("w") as full:
        result = spawn(*arguments, stdout=full)
    assert (result.returncode, result.stderr) == (1, "tenfold: [Errno 28] No space left on device\n")


@pytest.mark.slow
def test_control_c_ends_training_without_a_file() -> None:
    """Ctrl-C during training ends with exit code 130 and one line, and leaves no file."""
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # even from a `&` job
        "from tenfold.cli.main import main; main()"
    )
    before = sorted(Path().iterdir())
    command = [sys.executable, "-c", program, "train", "--dataset", "digits", "--set", "hidden_units=9000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        started = process.stderr.readline()
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert started == "Training tutorial-mlp on 1,438 images of digits.\n"
    assert (process.returncode, out) == (130, "")
    assert err == "tenfold: interrupted.\n"
    assert sorted(Path().iterdir()) == before
