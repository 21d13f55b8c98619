"""ES modules -> one script, each module in a function of its own, so that no names collide.

Only the forms that tenfold's own modules use are understood: ``import { a, b as c } from "./x.js";``,
``export`` before a function, a class or a constant, and ``export { a } from "./x.js";``. Anything else is
refused, rather than bundled wrongly.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tenfold.errors import InputError

_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "\./([\w.-]+)";$', re.MULTILINE)
_REEXPORT: Final = re.compile(r'^export \{([^}]*)\} from "\./([\w.-]+)";$', re.MULTILINE)
_DECLARATION: Final = re.compile(
    r"^export (?=(?:(?:async )?function\*? |class |const )(?P<name>[A-Za-z_$][\w$]*))", re.MULTILINE
)
_LEFT: Final = re.compile(
    r"^\s*(?:import|export)\b(?!\s*[:,=(]).*|^.*\bimport\s*\(.*|^.*\bimport\.meta\b.*", re.MULTILINE
)
_COMMENT: Final = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_NAME: Final = re.compile(r"([A-Za-z_$][\w$]*)(?: as ([A-Za-z_$][\w$]*))?")


@dataclass(frozen=True)
class _Module:
    """One module, taken apart: what it takes from which other, its body, and what it gives.

    `taken` and `passed_on` hold the module, the name there, and the name here.
    """

    name: str
    taken: tuple[tuple[str, str, str], ...]
    passed_on: tuple[tuple[str, str, str], ...]
    declared: tuple[str, ...]
    body: str

    @property
    def needed(self) -> list[str]:
        return list(dict.fromkeys(source for source, _, _ in (*self.taken, *self.passed_on)))

    @property
    def given(self) -> list[str]:
        return [*self.declared, *(here for _, _, here in self.passed_on)]


def bundle(modules: Mapping[str, str], entry: str, *, exports: bool = False) -> str:
    """Make one script of a module and those that it imports.

    Parameters
    ----------
    modules : mapping of str to str
        The text of each module by its file name. Those that the entry does not need are left out.
    entry : str
        The file name of the module that is run last.
    exports : bool
        Whether the script exports what the entry does. Then it is an ES module; else any script.

    Returns
    -------
    str
        Comments that stand on lines of their own are left out.

    Raises
    ------
    InputError
        A module is missing, is imported by itself through others, does not export what is imported, or uses
        a form of ``import`` or ``export`` that is not understood.
    """
    ordered = _order(modules, entry)
    given = {module.name: module.given for module in ordered}
    for module in ordered:
        _check_names(module, given)
    parts = [_wrap(module) for module in ordered]
    if exports:
        parts.append(_export(ordered[-1]))
    return "\n".join(parts)


def _order(modules: Mapping[str, str], entry: str) -> list[_Module]:
    """Return the modules that are needed, each after those that it imports."""
    ordered: dict[str, _Module] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise InputError(
                f"Modules must not import each other in a circle. Got {' -> '.join((*path, name))}."
            )
        if name in ordered:
            return
        if name not in modules:
            needed_by = f", for {path[-1]}" if path else ""
            raise InputError(f"A module must be there. Got none of the name {name!r}{needed_by}.")
        module = _take_apart(name, modules[name])
        for needed in module.needed:
            visit(needed, (*path, name))
        ordered[name] = module

    visit(entry, ())
    return list(ordered.values())


def _take_apart(name: str, text: str) -> _Module:
    text = _COMMENT.sub("", text)
    taken = tuple(_names(name, _IMPORT.finditer(text)))
    passed_on = tuple(_names(name, _REEXPORT.finditer(text)))
    declared = tuple(found["name"] for found in _DECLARATION.finditer(text))
    body = _DECLARATION.sub("", _REEXPORT.sub("", _IMPORT.sub("", text)))
    if left := _LEFT.search(body):
        raise InputError(
            f"Imports and exports of {name} must be of the known forms. Got {left[0].strip():.80}."
        )
    return _Module(name, taken, passed_on, declared, body.strip())


def _names(module: str, statements: Iterable[re.Match[str]]) -> Iterable[tuple[str, str, str]]:
    """Yield the source of each name in statements with braces, its name there, and its name here."""
    for statement in statements:
        for part in filter(None, map(str.strip, statement[1].split(","))):
            found = _NAME.fullmatch(part)
            if not found:
                raise InputError(f"Names that {module} imports must be plain. Got {part:.80}.")
            yield statement[2], found[1], found[2] or found[1]


def _check_names(module: _Module, given: Mapping[str, list[str]]) -> None:
    for source, name, _ in (*module.taken, *module.passed_on):
        if name not in given[source]:
            raise InputError(f"{source} must export what {module.name} imports. Got no {name} there.")


def _wrap(module: _Module) -> str:
    """Return a statement that runs a module and keeps what it exports."""
    lines = [
        _take(source, [pair for one, *pair in module.taken if one == source]) for source in module.needed
    ]
    given = [
        *module.declared,
        *(f"{here}: {_variable(source)}.{there}" for source, there, here in module.passed_on),
    ]
    inside = "\n".join([*filter(None, lines), module.body, f"return {{ {', '.join(given)} }};"])
    return f'const {_variable(module.name)} = (() => {{\n"use strict";\n{inside}\n}})();'


def _take(source: str, pairs: list[list[str]]) -> str:
    """Return the statement that takes names from a module."""
    names = ", ".join(there if there == here else f"{there}: {here}" for there, here in pairs)
    return f"const {{ {names} }} = {_variable(source)};" if names else ""


def _export(module: _Module) -> str:
    return f"export const {{ {', '.join(module.given)} }} = {_variable(module.name)};"


def _variable(name: str) -> str:
    """Return what a module is called in the script."""
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))
