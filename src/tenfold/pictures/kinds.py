"""What kind of file bytes are, by their content."""

import re
from typing import Final

FORMATS: Final = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
"""The formats that are read, by Pillow's names."""

SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif")

HEAD: Final = 4096
"""Bytes at its start by which a file is known."""

_BY_FIRST_BYTES: Final = (
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"II\*\0|MM\0\*", "TIFF"),
    (rb"BM", "BMP"),
    (rb"GIF8[79]a", "GIF"),
    (rb"%PDF-", "PDF"),
    (rb"....ftyp(hei[cxms]|hev[cx]|mif1|msf1)", "a HEIC picture"),
    (rb"....ftypavi[fs]", "an AVIF picture"),
    (rb"....ftyp", "a video"),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (rb"II\+\0|MM\0\+", "a BigTIFF picture"),
    (rb"8BPS", "a Photoshop file"),
    (rb"%!PS", "a PostScript file"),
    (rb"P[1-7]\s", "a Netpbm picture"),
    (rb"\0\0\x01\0", "an icon"),
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a ZIP archive"),
    (rb"\x1f\x8b", "a gzip file"),
    (rb"\x93NUMPY", "a NumPy array"),
    (rb"\0\0\x08[\x01-\x04]", "an IDX file"),
    (rb"version https://git-lfs", "a Git LFS pointer, not the file itself"),
)
_BY_TEXT: Final = (
    (rb"(?i)<!doctype html|<html|<head|<body", "an HTML page"),
    (rb"<svg\b", "an SVG drawing"),
    (rb"\A\s*<\?xml", "an XML file"),
    (rb"%PDF-", "PDF"),  # which may stand behind other bytes
)
_CONTROL: Final = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")


def find_kind(data: bytes) -> str:
    """Say what kind of file this is.

    Parameters
    ----------
    data : bytes
        A file, or its first 4096 bytes.

    Returns
    -------
    str
        One of `FORMATS`, ``PDF``, or a phrase such as ``an HTML page``.
    """
    head = data[:HEAD]
    for pattern, kind in _BY_FIRST_BYTES:
        if re.match(pattern, head, re.DOTALL):
            return kind
    return _find_text(head) if head else "an empty file"


def looks_like_picture(head: bytes) -> bool:
    """Tell whether a file is a picture or a PDF, by its first `HEAD` bytes."""
    return find_kind(head) in (*FORMATS, "PDF")


def _find_text(head: bytes) -> str:
    """Say what kind of text this is, if it is one."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    text = head.decode(encoding, "ignore").encode()
    for pattern, kind in _BY_TEXT:
        if re.search(pattern, text):
            return kind
    lost = encoding == "utf-8" and len(head) - len(text) > 3  # more than a character cut at the end
    return "a file of an unknown kind" if lost or _CONTROL.search(text) else "text"
