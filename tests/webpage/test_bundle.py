"""Modules become one script: names apart, what is not understood refused."""

import re
from pathlib import Path

import pytest

from tenfold.errors import InputError
from tenfold.webpage.bundle import bundle
from tests.webpage.node import run_node

MODULES = {
    "one.js": """/** What is shared. */
const secret = "one";  // of this module
export const shared = () => secret;
export class Shape {
  name = "shape";
}
export function* count() {
  yield 1;
}
""",
    "two.js": """import { shared as first } from "./one.js";
import {
  Shape,
  count,
} from "./one.js";

/* Not exported,
   and of the same name. */
const secret = "two";
export async function shared() {
  return [first(), secret, new Shape().name, ...count()].join(" ");
}
export { Shape as Form } from "./one.js";
""",
    "main.js": """import { Form, shared } from "./two.js";
import { shared as first } from "./one.js";
shared().then((words) => console.log(words, new Form().name, first()));
""",
    "unused.js": "import { missing } from './nowhere.js';\n",
}


def run(script: str, folder: Path, name: str = "bundle.mjs") -> str:
    """Return what a script prints."""
    (folder / name).write_text(script, encoding="utf-8")
    return run_node(folder / name).decode().strip()


def test_bundle_runs_as_its_modules_would(tmp_path: Path) -> None:
    """Same names in two modules, renamed imports and passed-on exports mean what they meant."""
    script = bundle(MODULES, "main.js")
    assert run(script, tmp_path) == "one two shape 1 shape one"
    assert not re.search(r"^\s*(import|export)\b|Not exported|What is shared|nowhere", script, re.MULTILINE)


def test_bundle_exports_what_its_entry_does(tmp_path: Path) -> None:
    """As a module it gives those names and no other."""
    (tmp_path / "bundle.mjs").write_text(bundle(MODULES, "two.js", exports=True), encoding="utf-8")
    user = 'import * as all from "./bundle.mjs"; console.log(Object.keys(all).join(), await all.shared());'
    assert run(user, tmp_path, "user.mjs") == "Form,shared one two shape 1"


def test_bundle_is_the_same_again() -> None:
    """The order in which modules are found does not matter."""
    turned = dict(reversed(MODULES.items()))
    assert bundle(turned, "main.js") == bundle(MODULES, "main.js")


def test_comments_end_where_they_end(tmp_path: Path) -> None:
    """A comment before code on its line takes nothing with it, nor does what only looks like one."""
    text = """/** @type {number} */ const kept = 1;
/** Gone. */
const address = "//not a comment";
const path = "/* nor this */";
console.log(kept, address, path);
"""
    assert run(bundle({"main.js": text}, "main.js"), tmp_path) == "1 //not a comment /* nor this */"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('import one from "./one.js";', "known forms. Got import one from"),
        ('import * as one from "./one.js";', r"known forms. Got import \* as one"),
        ('import "./one.js";', r'known forms. Got import "./one.js"'),
        ('import { shared } from "../one.js";', r"known forms. Got import"),
        ("import { shared } from './one.js';", "known forms. Got import"),
        ('const one = await import("./one.js");', "known forms. Got const one = await import"),
        ("const here = import.meta.url;", r"known forms. Got const here = import.meta"),
        ("export default 1;", "known forms. Got export default"),
        ("export let a = 1;", "known forms. Got export let"),
        ("export const { a } = {};", "known forms. Got export const"),
        ("const a = 1;\nexport { a };", "known forms. Got export { a }"),
        ('export * from "./one.js";', r"known forms. Got export \*"),
        ('  export const a = 1;', "known forms. Got export const"),
        ('import { "a b" as c } from "./one.js";', "must be plain. Got "),
        ('import { absent } from "./one.js";', "one.js must export what main.js imports. Got no absent"),
        ('import { a } from "./absent.js";', "must be there. Got none of the name 'absent.js', for main.js"),
        ('import { b } from "./circle.js";\nexport const a = 1;', "main.js -> circle.js -> main.js"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(text: str, match: str) -> None:
    """Any other form, a name that is not exported, a module that is missing, and circles are an error."""
    circle = 'import { a } from "./main.js";\nexport const b = () => a;\n'
    with pytest.raises(InputError, match=match):
        bundle({**MODULES, "main.js": text + "\n", "circle.js": circle}, "main.js")


def test_bundle_refuses_an_entry_that_is_missing() -> None:
    """The first module must be there too."""
    with pytest.raises(InputError, match=r"must be there\. Got none of the name 'absent\.js'"):
        bundle(MODULES, "absent.js")
