"""A page of several files -> one HTML file."""

import base64
import gzip
import hashlib
import html
import re
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Final

from tenfold.errors import InputError
from tenfold.webpage.bundle import bundle

POLICY: Final = (
    "default-src 'none'; script-src {script}; style-src {style}; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
"""What a browser lets the page do: run its own script, and show its own pictures. It can send nothing."""

_HOST, _UNPACK = "host.js", "unpack.js"
_STYLE: Final = re.compile(r'<link rel="stylesheet" href="([\w.-]+)">')
_SCRIPT: Final = re.compile(r'<script type="module" src="([\w.-]+)"></script>')
_ICON: Final = re.compile(r'<link rel="icon" href="([\w.-]+)" type="([\w/+-]+)">')
_CHARSET: Final = re.compile(r'<meta charset="utf-8">')


def make_page(page: Traversable, modules: Mapping[str, str]) -> str:
    """Make one file of a page.

    Parameters
    ----------
    page : Traversable
        A folder with ``index.html``, and the style, the icon and the modules that it names.
    modules : mapping of str to str
        The text of the runtime's modules by file name. Its ``host.js`` takes the place of the page's.

    Returns
    -------
    str
        HTML without a reference to any other file. Its policy names its scripts and its style by their
        checksums, and lets the page ask for nothing. The script is gzipped, and unpacked by a small one.

    Raises
    ------
    InputError
        The page has no style, script or icon of the known form, has another name in common with the modules,
        or a module cannot be bundled.
    """
    text = (page / "index.html").read_text("utf-8")
    style = (page / _find(_STYLE, text)[1]).read_text("utf-8")
    script = bundle(_join(read_modules(page), modules), _find(_SCRIPT, text)[1])
    unpack = bundle(modules, _UNPACK)
    icon = _find(_ICON, text)
    _refuse_tags(unpack, style)
    checksums = f"{_checksum(unpack)} {_checksum(script)}"
    policy = POLICY.format(script=checksums, style=_checksum(style))
    replaced = {
        _find(_CHARSET, text)[0]: f'<meta charset="utf-8">\n  {_meta(policy)}',
        icon[0]: f'<link rel="icon" href="{_data_uri(page / icon[1], icon[2])}">',
        _find(_STYLE, text)[0]: f"<style>{style}</style>",
        _find(_SCRIPT, text)[0]: (
            f'<script type="text/plain" id="packed">{_pack(script)}</script>\n'
            f'  <script type="module">{unpack}</script>'
        ),
    }
    for part, other in replaced.items():
        text = text.replace(part, other, 1)
    return text


def read_modules(folder: Traversable) -> dict[str, str]:
    """Return the text of each module of a folder, by its file name."""
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".js")}


def encode_base64(data: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(data).decode()


def _join(page: Mapping[str, str], modules: Mapping[str, str]) -> dict[str, str]:
    both = sorted((page.keys() & modules.keys()) - {_HOST})
    if both:
        raise InputError(
            f"Modules of the page and of the runtime must have names apart. Got {', '.join(both)}."
        )
    return {**page, **modules}


def _find(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """Find what a page must have once."""
    found = list(pattern.finditer(text))
    if len(found) != 1:
        raise InputError(f"The page must have {pattern.pattern} once. Got it {len(found)} times.")
    return found[0]


def _refuse_tags(script: str, style: str) -> None:
    """Refuse text that would end its element early, or hide what follows."""
    for text, forbidden in ((script, r"</script|<script|<!--"), (style, r"</style")):
        if found := re.search(forbidden, text, re.IGNORECASE):
            raise InputError(f"Scripts and styles of the page must not hold tags. Got {found[0]}.")


def _checksum(text: str) -> str:
    return f"'sha256-{encode_base64(hashlib.sha256(text.encode()).digest())}'"


def _meta(policy: str) -> str:
    return f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy, quote=False)}">'


def _data_uri(file: Traversable, media_type: str) -> str:
    return f"data:{media_type};base64,{encode_base64(file.read_bytes())}"


def _pack(text: str) -> str:
    return encode_base64(gzip.compress(text.encode(), mtime=0))
