"""Reading of text that people may have touched, with whatever mark their editor put first."""

import codecs
import io
from pathlib import Path
from typing import TextIO

from engine.errors import BadInput


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


def required_text(path: Path) -> str:
    """Read a text file that a person wrote, as `read_text` does.

    Raises
    ------
    BadInput
        If it cannot be read or is no text; the sentence names the file.
    """
    try:
        return read_text(path)
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not text in UTF-8; save it as UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path.") from None


def open_text(path: Path) -> TextIO:
    """Open a text file to be read line by line, line ends as they are; see `read_text`."""
    # Opened once: the file may be replaced by another one at any time.
    file = path.open("rb")
    return io.TextIOWrapper(file, encoding=_encoding(file.peek(3)), newline="")


def decoded(content: bytes) -> str:
    """Decode the bytes of a text file; see `read_text`. Line ends become single newlines."""
    text = content.decode(_encoding(content))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(beginning: bytes) -> str:
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Not always "utf-8-sig", which reads large files more slowly.
    return "utf-8-sig" if beginning.startswith(codecs.BOM_UTF8) else "utf-8"
