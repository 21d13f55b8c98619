"""`tenfold read`: what it prints, what it writes, and what it does with files that are no pictures."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import tenfold
from tenfold.cli.main import app
from tenfold.data import load_dataset
from tests.cli.program import invoke, read_json, run_main, spawn
from tests.image.drawn import on_paper
from tests.picture_files import pdf as make_pdf
from tests.reading.checks import is_luhn
from tests.reading.pages import Hand, below_each_other, boxed, clear_digits, on_sheet

KEYS = ["path", "text", "confidence", "reason", "diagnosis", "numbers"]
NUMBER_KEYS = ["text", "confidence", "box", "line", "reason", "candidates", "digits"]
DIGIT_KEYS = ["label", "confidence", "box", "probabilities", "reason"]


@pytest.fixture(scope="module")
def hand() -> Hand:
    """Return digits that are read when they stand alone."""
    return clear_digits(load_dataset("digits").test, tenfold.load(threads=1))


@pytest.fixture(autouse=True)
def _pictures(hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a number, a boxed digit, blank paper, and a file that is no picture."""
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    Path("in").mkdir()
    Image.fromarray(on_paper(on_sheet(hand.write("20486", generator)))).save("in/number.png")
    Image.fromarray(on_paper(boxed(hand.write("7", generator)))).save("in/seven.png")
    Image.new("L", (90, 60), 220).save("in/blank.png")
    Path("broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")


def fail(*arguments: str) -> str:
    """Run a command that must exit with 1 after errors of its own; return what it prints to stdout."""
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 1, result.output
    return result.stdout


def test_read_prints_the_text() -> None:
    """The text of one picture stands alone, or in brackets why there is none."""
    assert invoke("read", "in/number.png") == "20486\n"
    assert invoke("read", "in/seven.png") == "7\n"
    assert invoke("read", "in/blank.png") == "(blank)\n"


def test_read_prints_a_line_for_each_of_several() -> None:
    """Of several pictures each has its path before the text, in the order given; of a folder sorted."""
    assert invoke("read", "in") == "in/blank.png: (blank)\nin/number.png: 20486\nin/seven.png: 7\n"
    assert invoke("read", "in/seven.png", "in/number.png") == "in/seven.png: 7\nin/number.png: 20486\n"


def test_read_prints_lines_below_the_path(hand: Hand) -> None:
    """A picture of several lines has them below its path."""
    generator = np.random.default_rng(3)
    sheets = [on_sheet(hand.write(text, generator)) for text in ("307", "452")]
    Image.fromarray(on_paper(below_each_other(*sheets))).save("in/two.png")
    assert invoke("read", "in/two.png", "in/seven.png") == "in/two.png:\n307\n452\nin/seven.png: 7\n"


def test_read_prints_csv() -> None:
    """--csv prints a header and a row for each picture."""
    rows = list(csv.DictReader(io.StringIO(invoke("read", "in", "--csv"))))
    assert list(rows[0]) == ["path", "text", "confidence", "reason", "diagnosis", "error"]
    assert [(row["text"], row["reason"], row["error"]) for row in rows] == [
        ("", "blank", ""),
        ("20486", "", ""),
        ("7", "", ""),
    ]
    assert [float(row["confidence"]) > 0.5 for row in rows] == [False, True, True]


def test_read_prints_json() -> None:
    """--json prints a list of readings, down to each digit's probabilities."""
    blank, number, _ = read_json("read", "in")
    assert (list(blank), list(number)) == (KEYS, KEYS)
    assert (blank["text"], blank["reason"], blank["numbers"]) == ("", "blank", [])
    (only,) = number["numbers"]
    assert list(only) == NUMBER_KEYS
    assert [list(digit) for digit in only["digits"]] == [DIGIT_KEYS] * 5
    assert [digit["label"] for digit in only["digits"]] == [2, 0, 4, 8, 6]
    for digit in only["digits"]:
        assert len(digit["probabilities"]) == 11
        assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-3)
        assert digit["confidence"] == digit["probabilities"][digit["label"]]


def test_read_boxes_lie_in_the_upright_picture() -> None:
    """Boxes are in pixels of the picture as it is seen, also where the file holds it on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open("in/number.png") as picture:
        upright = np.asarray(picture)
        picture.transpose(Image.Transpose.ROTATE_90).save("in/turned.png", exif=exif)
    straight, turned = (read_json("read", f"in/{name}.png")[0]["numbers"] for name in ("number", "turned"))
    assert straight == turned
    left, top, width, height = turned[0]["box"]
    rows, columns = np.nonzero(upright < 100)
    assert 0 <= top <= rows.min() <= rows.max() < top + height <= upright.shape[0]
    assert 0 <= left <= columns.min() <= columns.max() < left + width <= upright.shape[1]


def test_read_names_as_many_candidates_as_asked() -> None:
    """--top says how many; they come with falling probabilities, and the first is the text."""
    for top in (1, 4):
        (number,) = read_json("read", "in/number.png", "--top", str(top))[0]["numbers"]
        probabilities = [candidate["probability"] for candidate in number["candidates"]]
        assert len(probabilities) == top
        assert probabilities == sorted(probabilities, reverse=True)
        assert number["candidates"][0]["text"] == number["text"]


@pytest.mark.parametrize(
    ("expected", "text"), [("length=5", "20486"), ("list=ids.txt", "20489"), ("pattern=204#5", "20485")]
)
def test_read_reads_what_is_expected(expected: str, text: str) -> None:
    """A number that breaks the rule is read as the most probable one that keeps it, and marked unsure."""
    Path("ids.txt").write_text("20489\n11111\n90210\n")
    (row,) = read_json("read", "in/number.png", "--expect", expected)
    assert row["text"] == text
    assert row["numbers"][0]["reason"] == (None if text == "20486" else "unsure")


def test_read_reads_what_a_checksum_allows() -> None:
    """A number whose checksum is wrong is read as one whose checksum is right, and marked unsure."""
    assert not is_luhn(invoke("read", "in/number.png").strip())
    (row,) = read_json("read", "in/number.png", "--expect", "checksum=luhn,length=5")
    assert is_luhn(row["text"])
    assert row["numbers"][0]["reason"] == "unsure"


def test_read_leaves_out_what_cannot_be_expected() -> None:
    """A number of five digits cannot have nine: nothing is read, and it is no blank paper."""
    assert invoke("read", "in/number.png", "--expect", "length=9") == "(unsure)\n"


def test_read_gives_each_picture_another_number(hand: Hand) -> None:
    """With --unique three pictures that read alike get three numbers of the list."""
    Path("ids.txt").write_text("20486\n20489\n20436\n55555\n")
    Path("same").mkdir()
    for seed in range(3):
        drawn = hand.write("20486", np.random.default_rng(seed))
        Image.fromarray(on_paper(on_sheet(drawn))).save(f"same/{seed}.png")
    alike = read_json("read", "same", "--expect", "list=ids.txt")
    assert [row["text"] for row in alike] == ["20486"] * 3
    apart = read_json("read", "same", "--expect", "list=ids.txt", "--unique")
    assert len({row["text"] for row in apart} & {"20486", "20489", "20436", "55555"}) == 3


def test_read_draws_what_it_read() -> None:
    """--annotate writes a PNG of the picture, and of further pictures beside it."""
    invoke("read", "in/number.png", "in/seven.png", "--annotate", "out.png")
    for name in ("out.png", "out-2.png"):
        with Image.open(name) as picture:
            assert (picture.format, picture.mode) == ("PNG", "RGB")


@pytest.mark.parametrize("name", ["nowhere/out.png", "in"])
def test_read_refuses_a_place_it_cannot_draw_to(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that does not exist is told before anything is read."""
    assert run_main(["read", "in/number.png", "--annotate", name]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{name} cannot be written" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in/number.png", "--csv", "--json"], r"must be --csv or --json. Got both. Leave one out."),
        (["in/number.png", "--expect", "lenght=5"], "Did you mean length"),
        (["in/number.png", "--unique"], r"must be of a list. Got none. Add --expect list=FILE."),
        (["in/number.png", "--model", "big-cnn"], "big-cnn must be a model file"),
        (["empty"], "empty must hold pictures"),
        (["none.png"], "none.png cannot be read: No such file or directory"),
        (["broken.png"], "broken.png: "),
    ],
)
def test_read_says_what_is_wrong(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each mistake ends with exit code 1 and one line that says what to do."""
    Path("empty").mkdir()
    assert run_main(["read", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tenfold: ")
    assert message in err
    assert err.count("\n") == 1


BROKEN = {7: b"", 23: b"no picture", 41: b"\x89PNG\r\n\x1a\n" + bytes(99), 59: b"GIF89a"}


@pytest.fixture
def sixty() -> list[str]:
    """Return the names of sixty files of which four are broken."""
    Path("many").mkdir()
    whole = Path("in/seven.png").read_bytes()
    names = [f"many/{number:02}.png" for number in range(60)]
    for number, name in enumerate(names):
        Path(name).write_bytes(BROKEN.get(number, whole))
    return names


def test_read_loses_no_file_among_broken_ones(sixty: list[str]) -> None:
    """Each file has its row in its place, the broken ones with what is wrong, and the exit code is 1."""
    rows = list(csv.DictReader(io.StringIO(fail("read", "many", "--csv"))))
    assert [row["path"] for row in rows] == sixty
    assert [number for number, row in enumerate(rows) if row["error"]] == [*BROKEN]
    assert {row["text"] for row in rows if not row["error"]} == {"7"}
    assert all(row["error"].startswith(row["path"]) for row in rows if row["error"])


def test_read_puts_what_is_wrong_in_json(sixty: list[str]) -> None:
    """With --json a broken file has an error in place of a reading, after all others were read."""
    listed = json.loads(fail("read", *sixty[:25], "--json"))
    assert [row["path"] for row in listed] == sixty[:25]
    assert [number for number, row in enumerate(listed) if "error" in row] == [7, 23]
    assert list(listed[7]) == ["path", "error"]


def test_read_prints_what_is_wrong_to_stderr(sixty: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """As text, what is wrong with a file goes to stderr and the others to stdout, in order."""
    assert run_main(["read", *sixty[5:25]]) == 1
    out, err = capsys.readouterr()
    expected = [name for name in sixty[5:25] if name not in {sixty[7], sixty[23]}]
    assert out.splitlines() == [f"{name}: 7" for name in expected]
    assert [line.split(":")[1].strip() for line in err.splitlines()] == [sixty[7], sixty[23]]


def test_read_reads_the_pages_of_a_pdf() -> None:
    """Each page of a PDF is a row with its number."""
    pytest.importorskip("pypdfium2", reason="needs the extra pdf")
    Path("scan.pdf").write_bytes(make_pdf(b"", n_pages=2))
    assert invoke("read", "scan.pdf", "in/seven.png").splitlines() == [
        "scan.pdf#page=1: (blank)",
        "scan.pdf#page=2: (blank)",
        "in/seven.png: 7",
    ]
    assert [row["path"] for row in read_json("read", "scan.pdf")] == ["scan.pdf#page=1", "scan.pdf#page=2"]


def test_read_names_the_pages_of_a_pdf_alone() -> None:
    """Where one PDF is all that is read, its pages are told apart, too."""
    pytest.importorskip("pypdfium2", reason="needs the extra pdf")
    Path("scan.pdf").write_bytes(make_pdf(b"", n_pages=2))
    assert invoke("read", "scan.pdf") == "scan.pdf#page=1: (blank)\nscan.pdf#page=2: (blank)\n"


@pytest.mark.parametrize(
    "example", ["photo.jpg", "folder/ --csv", "scan.pdf --json", "id.png --expect length=8"]
)
def test_read_help_shows_examples(example: str) -> None:
    """The help has an example of each use."""
    text = invoke("read", "--help")
    assert "Examples:" in text
    assert f"tenfold read {example}" in text


def test_read_works_as_a_program() -> None:
    """In a process of its own it prints the text, and nothing to stderr."""
    ended = spawn("read", "in/number.png")
    assert (ended.stdout, ended.stderr, ended.returncode) == ("20486\n", "", 0)


def test_importing_the_reader_loads_no_library() -> None:
    """What reads pictures loads OpenCV and the runtime when it reads, and never a training framework."""
    program = "import sys, tenfold.reading, tenfold.cli.read, tenfold.cli.main\nprint(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = {name.partition(".")[0] for name in said.split()}
    assert not loaded & {"cv2", "onnxruntime", "torch", "sklearn", "scipy", "onnx", "matplotlib"}
