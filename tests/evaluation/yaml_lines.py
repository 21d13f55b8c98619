"""A reader of the YAML that stands in front of model cards: blocks of mappings and lists, texts in quotes."""

import json
import re
from typing import Any

Lines = list[tuple[int, str]]
"""Each line's indent, and the rest of it."""


def split_card(text: str) -> tuple[Any, str]:
    """Return the front matter of a card, read, and what stands below it."""
    assert text.startswith("---\n")
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    return read_yaml(front), body


def read_yaml(text: str) -> Any:
    """Read a mapping; every text must be one JSON string, and every line be understood."""
    lines = [(len(line) - len(line.lstrip()), line.lstrip()) for line in text.split("\n")]
    value = _read_block(lines)
    assert lines == []
    return value


def _read_block(lines: Lines) -> Any:
    """Take the lines of one indent, and the deeper ones among them."""
    indent, first = lines[0]
    if first.startswith("- "):
        items = []
        while lines and lines[0][0] == indent and lines[0][1].startswith("- "):
            lines[0] = (indent + 2, lines[0][1].removeprefix("- "))
            items.append(_read_block(lines) if _is_key(lines[0][1]) else json.loads(lines.pop(0)[1]))
        return items
    values: dict[str, Any] = {}
    while lines and lines[0][0] == indent and _is_key(lines[0][1]):
        key, rest = lines.pop(0)[1].split(":", 1)
        assert key not in values
        values[key] = json.loads(rest) if rest else _read_block(lines)
    return values


def _is_key(line: str) -> bool:
    return re.match(r"[a-z_-]+:( |$)", line) is not None
