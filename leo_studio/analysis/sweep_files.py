"""Files of a sweep's table: for notes and programs, by their endings."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine.studies.sweeps.overseer import SweepState

TABLE_ENDINGS: Final = (".md", ".csv", ".parquet", ".h5")


def write_sweep_table(state: "SweepState", importance: Mapping[str, float], path: Path) -> None:
    """Write the table in the format that the file's name ends with, one of `TABLE_ENDINGS`.

    Raises
    ------
    BadInput
        If it cannot be written; then no file is changed.
    """
    # Here, since the command line names the endings before it knows whether a table is wanted.
    from engine.io.files import write_text
    from leo_studio.analysis.sweep_tables import markdown, numbers
    from leo_studio.figures.tables import write_tables

    if path.suffix.lower() == ".md":
        write_text(path, markdown(state, importance))
    else:
        write_tables(path, [numbers(state)])
