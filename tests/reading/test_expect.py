"""What may be typed after --expect, and what is wrong with it."""

from pathlib import Path

import pytest

from tenfold.errors import InputError
from tenfold.reading import load_roster, parse_expectation
from tenfold.reading.checksums import IbanDigits, Luhn
from tenfold.reading.rules import Length, Listed, Pattern, Range


def test_expectations_are_parsed(tmp_path: Path) -> None:
    """Each key gives its rule, in one text or in several."""
    roster = tmp_path / "roster, of 2.txt"
    roster.write_text("17-4\n\n23 5\n17-4\n", "utf-8")
    assert parse_expectation("length=8, checksum=luhn").rules == (Length(8, 8), Luhn())
    assert parse_expectation(["length=2..8", "range=0..100"]).rules == (Length(2, 8), Range("0", "100"))
    assert parse_expectation("pattern=#,##").rules == (Pattern("#,##"),)
    assert parse_expectation("checksum=iban-digits:de").rules == (IbanDigits(("DE",)),)
    listed = parse_expectation(f"list={roster},length=3")
    assert listed.rules == (Listed(("174", "235")), Length(3, 3))
    assert listed.roster == ("174", "235")


def test_a_total_is_of_the_line_not_of_a_number() -> None:
    """A sum adds no rule for single numbers; without it there is none of a total."""
    assert parse_expectation("sum=total,length=2").is_total
    assert parse_expectation("sum=total").rules == ()
    assert not parse_expectation([]).is_total
    assert parse_expectation([]).roster == ()


def test_a_reading_is_written_as_its_pattern() -> None:
    """The digits of a number stand between the pattern's separators; without a pattern they stand alone."""
    assert parse_expectation("pattern=20##-##-##").write("20240131") == "2024-01-31"
    assert parse_expectation("length=3").write("123") == "123"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lenght=8", r"must be one of length, range, .*Got lenght\. Did you mean length\?"),
        ("length8", r"must be KEY=VALUE\. Got 'length8'\. For example length=8\."),
        ("", r"must be KEY=VALUE\. Got ''"),
        ("length=", r"must be KEY=VALUE\. Got 'length='"),
        ("length=many", r"length must be a count of digits or two, as in 8 or 6\.\.8\. Got many\."),
        ("length=0", r"length must be 1 to 100, the lower first\. Got 0\."),
        ("length=8..6", r"the lower first\. Got 8\.\.6\."),
        ("range=5", r"range must be two numbers, as in 0\.\.100\. Got 5\."),
        ("range=9..3", r"range must have its lower end first, .*Got 9\.\.3\."),
        ("range=0001..100", r"with no more digits\. Got 0001\.\.100\."),
        ("pattern=2O##", r"pattern must be digits, # for any digit, and separators\. Got 2O##\."),
        ("pattern=--", r"pattern must be .*Got --\."),
        ("checksum=lun", r"checksum must be one of .*Got lun\. Did you mean luhn\?"),
        ("checksum=luhn:DE", r"checksum must be one of .*Got luhn:DE\."),
        ("checksum=iban-digits:GB", r"accounts are all digits: AE, .*Got GB\."),
        ("sum=5", r"sum must be total: .*Got 5\."),
        ("list=nowhere.txt", r"list must be a text file of numbers\. Got nowhere\.txt: No such file"),
        ("length=3,length=4", r"length must be given once\. Got 2 of it\."),
        ("length=8,checksum=ean13", r"must be true of some number\. Got length=8, checksum=ean13"),
    ],
)
def test_mistakes_are_errors(text: str, message: str) -> None:
    """Each mistake is told with what was given and what to give."""
    with pytest.raises(InputError, match=message):
        parse_expectation(text)


def test_all_mistakes_are_told_at_once() -> None:
    """One error names every part that is wrong."""
    with pytest.raises(InputError, match=r"Got lenght.*length must be 1 to 100.*Got 9\.\.3"):
        parse_expectation(["lenght=8,length=0", "range=9..3"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id\n12\n1x\n", r"Got others in lines 1 \('id'\), 3 \('1x'\)\. Correct or remove them\."),
        (b"a\n" * 8, r"5 \('a'\) and 3 more\."),
        (b"\n \n", r"must hold one number to a line\. Got none\."),
        (b"\xff\xfe1", r"list must be a text file of numbers\. Got .*: it is not UTF-8\."),
        ("١٢".encode(), r"Got others in lines 1"),
    ],
)
def test_bad_lists_are_errors(content: bytes, message: str, tmp_path: Path) -> None:
    """A list says which of its lines are not numbers."""
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_roster(path)


def test_a_list_that_is_too_long_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list with more beginnings than can be followed is refused, not tried."""
    monkeypatch.setattr("tenfold.reading.automaton.MOST_STATES", 1000)
    path = tmp_path / "list.txt"
    path.write_text("\n".join(str(number) for number in range(2000)), "utf-8")
    with pytest.raises(InputError, match=r"must have at most 1,000 states\. Got more\. Expect less at once"):
        parse_expectation(f"list={path}")
