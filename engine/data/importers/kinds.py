"""What a file is, by its first bytes: so that what cannot be imported is called what it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

_HEAD = 1024
_AGAIN = "copy or download it again"
_UNPACK = "unpack it and import what is in it"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that somebody may take for one that can be imported.

    Attributes
    ----------
    noun
        What it is, as in "is a pickle".
    remedy
        What to do about it, after a semicolon; "" where it depends on what was wanted.
    load
        An expression of Python that reads it, with FILE for its name; "" where there is none.
    """

    noun: str
    remedy: str = ""
    load: str = ""


ZIP = FileKind("a zip archive")
CUT_ZIP = FileKind("the beginning of a zip archive whose end is missing", _AGAIN)
EMPTY = FileKind("empty", _AGAIN)
PICKLE = FileKind("a pickle", load="pickle.load(open(FILE, 'rb'))['embeddings']")
UNKNOWN = FileKind("of a kind that is not known here")

_BY_START: Final[Mapping[bytes, FileKind]] = MappingProxyType(
    {
        b"PK\x03\x04": CUT_ZIP,
        b"PK\x07\x08": FileKind(
            "one part of a zip archive in several parts", "join the parts, or unpack them"
        ),
        b"\x93NUMPY": FileKind("a single NumPy array (.npy)", load="numpy.load(FILE)"),
        b"7z\xbc\xaf\x27\x1c": FileKind("a 7-Zip archive", _UNPACK),
        b"Rar!\x1a\x07": FileKind("a RAR archive", _UNPACK),
        b"\x1f\x8b": FileKind("packed with gzip (such as a .tar.gz)", _UNPACK),
        b"BZh": FileKind("packed with bzip2", _UNPACK),
        b"\xfd7zXZ\x00": FileKind("packed with xz", _UNPACK),
        b"\x28\xb5\x2f\xfd": FileKind("packed with Zstandard", _UNPACK),
        b"MATLAB 5.0": FileKind("a MATLAB file (.mat)", load="scipy.io.loadmat(FILE)[NAME]"),
        b"MATLAB 7.3": FileKind("a MATLAB file (.mat)", load="h5py.File(FILE)[NAME][()].T"),
        b"\x89HDF\r\n\x1a\n": FileKind(
            "an HDF5 file",
            "if it is a store of LEO Studio, name it with --store or open it as it is",
        ),
        b"PAR1": FileKind("a Parquet table", load="pandas.read_parquet(FILE).to_numpy()"),
        b"ARROW1": FileKind("an Arrow table", load="pandas.read_feather(FILE).to_numpy()"),
        b"version https://git-lfs": FileKind(
            "a pointer of Git LFS to the file, and not the file", "get the file with: git lfs pull"
        ),
    }
)
_WEB_PAGE = FileKind("a web page", "download the file that the page is about")
_TAR = FileKind("a tar archive", _UNPACK)
_SAFETENSORS = FileKind("a file of safetensors", load="safetensors.numpy.load_file(FILE)[NAME]")
TEXT = FileKind("text, such as CSV", load="numpy.loadtxt(FILE, delimiter=',')")
_PYTORCH = FileKind("a file of PyTorch", load="torch.load(FILE)[NAME].numpy()")


def kind_of(path: Path) -> FileKind:
    """Return what a file is, by its first bytes; raises `OSError` where it cannot be read."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return EMPTY
    for start, kind in _BY_START.items():
        if head.startswith(start):
            return kind
    if re.match(rb"\s*<(!doctype|html|\?xml)", head, re.IGNORECASE):
        return _WEB_PAGE
    if head[257:262] == b"ustar":
        return _TAR
    if re.match(rb".{8}\{\s*\"", head, re.DOTALL):
        return _SAFETENSORS
    if re.match(rb"\x80[\x02-\x05]", head):
        return PICKLE
    return TEXT if _is_text(head) else UNKNOWN


def kind_of_members(names: list[str]) -> FileKind:
    """Return what a whole zip archive is, by the names in it."""
    is_pytorch = any(name.rpartition("/")[2] == "data.pkl" for name in names)
    return _PYTORCH if is_pytorch else ZIP


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # else a letter is cut at the end
            return False
        text = head[: error.start].decode("utf-8")
    return all(letter.isprintable() or letter in "\t\r\n\f\ufeff" for letter in text)
