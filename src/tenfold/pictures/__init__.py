"""From the bytes of a picture, or an array of pixels, to grey pixels, with limits checked before decoding."""

from tenfold.pictures.grey import grey_from_array, grey_from_image
from tenfold.pictures.kinds import FORMATS, HEAD, SUFFIXES, looks_like_picture
from tenfold.pictures.limits import MAX_BYTES, MAX_PIXELS
from tenfold.pictures.pdf import MAX_PAGES
from tenfold.pictures.read import as_picture, load_pages, load_picture, read_file, read_pages, read_picture

__all__ = [
    "FORMATS",
    "HEAD",
    "MAX_BYTES",
    "MAX_PAGES",
    "MAX_PIXELS",
    "SUFFIXES",
    "as_picture",
    "grey_from_array",
    "grey_from_image",
    "load_pages",
    "load_picture",
    "looks_like_picture",
    "read_file",
    "read_pages",
    "read_picture",
]
