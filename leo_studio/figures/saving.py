"""What a panel has to give, in files: one function for all formats, which the ending tells."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.io.files import write_bytes, write_text
from leo_studio.figures.drawing import Look, Picture, draw
from leo_studio.figures.records import Exported
from leo_studio.figures.script import script_of
from leo_studio.figures.tables import Report, table_files, write_tables

PICTURES: Final[Mapping[str, Picture]] = {".png": "png", ".svg": "svg", ".pdf": "pdf"}
FORMATS: Final[Mapping[str, str]] = {
    ".png": "PNG image",
    ".svg": "SVG drawing",
    ".pdf": "PDF document",
    ".py": "Python script",
    ".csv": "CSV table",
    ".parquet": "Parquet table",
    ".h5": "HDF5 file",
}
"""Formats by the ending of their files."""


def formats_of(exported: Exported) -> Mapping[str, str]:
    """Return the formats that something can be saved in."""
    has_figure = exported.figure is not None
    return {
        ending: name
        for ending, name in FORMATS.items()
        if has_figure or not (ending in PICTURES or ending == ".py")
    }


def files_of(path: Path, exported: Exported) -> tuple[Path, ...]:
    """Return the files that `save` writes."""
    ending = path.suffix.lower()
    if ending in PICTURES or ending == ".py":
        return (path,)
    return table_files(path, exported.tables)


def save(
    path: Path, exported: Exported, look: Look | None = None, report: Report = lambda _: None
) -> None:
    """Write a figure, or the numbers behind it, in the format that the file's name ends with.

    Parameters
    ----------
    path
        The file; each that is written is whole or absent.
    exported
        What is written.
    look
        How a figure looks.
    report
        Told how much is done, 0 to 1; may raise to end it, and then no file is changed.

    Raises
    ------
    BadInput
        For an ending that is not among `formats_of(exported)`, or where a file cannot be written.
    """
    ending, look = path.suffix.lower(), look or Look()
    known = formats_of(exported)
    if ending not in (*known, ".hdf5"):
        endings = ", ".join(known)
        raise BadInput(f"{path.name} must end with one of {endings}; choose one of these.")
    if exported.figure is not None and ending == ".py":
        write_text(path, script_of(exported.figure, look, exported.title, path.stem))
    elif exported.figure is not None and ending in PICTURES:
        write_bytes(path, draw(exported.figure, look, PICTURES[ending]))
    else:
        write_tables(path, exported.tables, report)
