"""The documents say what is so: links resolve, commands and settings are described, no module is missing."""

import re
from pathlib import Path

import pytest

from tests.commands_page import PAGE, make_page

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
SOURCES = sorted((ROOT / "src" / "tenfold").rglob("*.py"))


def _anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings get on the usual code hosts."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_links_to_what_exists(page: Path) -> None:
    """A relative link leads to a file in the repository, and to a heading in it."""
    text = page.read_text("utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for link in links:
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "docs/training.md"])
def test_python_on_the_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python blocks of a page run in order."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    exec("\n".join(blocks), {})


def test_commands_page_is_current() -> None:
    """docs/commands.md is what `make docs` would write now."""
    assert PAGE.read_text("utf-8") == make_page(), "run `make docs`"


def test_commands_page_describes_every_variable() -> None:
    """Each environment variable that the code reads is in docs/commands.md."""
    code = "".join(source.read_text("utf-8") for source in SOURCES)
    variables = set(re.findall(r"(?:environ\.get\(|envvar=)\"(\w+)\"", code))
    assert variables == set(re.findall(r"^\| `(\w+)`", PAGE.read_text("utf-8"), re.MULTILINE))


def test_architecture_names_every_module() -> None:
    """ARCHITECTURE.md has each module of the package."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    missing = [
        source.name for source in SOURCES if not source.name.startswith("__") and source.name not in text
    ]
    assert missing == []


def test_makefile_targets_are_listed_by_help() -> None:
    """Each phony target of the Makefile has a line in `make help`."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    described = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert targets
    assert sorted(targets[1].split()) == sorted(described)


@pytest.mark.parametrize(
    "name",
    [
        *("startup", "loading", "tutorial", "training", "recipes", "inference", "threads", "shipped"),
        *("trust", "label_errors", "robustness", "real_ink", "number_confidence"),
        *("serve", "batching", "page", "webpage", "batch", "scheduler", "sweep"),
    ],
)
def test_benchmarks_page_has_the_table(name: str) -> None:
    """docs/benchmarks.md holds a table that `make bench` wrote, beside its command."""
    text = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    assert f"`python -m benchmarks {name}`" in text
    assert re.search(rf"<!-- {name} -->\n\|.*\|\n.*<!-- end of {name} -->", text, re.DOTALL)
