"""Reading of text that people may have touched, with whatever mark their editor put first."""

import codecs
from pathlib import Path


def read_text(path: Path) -> str:
    """Read a text file: UTF-8, with or without a byte order mark, or UTF-16 with one.

    Raises
    ------
    OSError
        If it cannot be read.
    UnicodeDecodeError
        If it is no such text.
    """
    return decoded(path.read_bytes())


def decoded(content: bytes) -> str:
    """Decode the bytes of a text file; see `read_text`. Line ends become single newlines."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16")
    else:
        text = content.decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")
