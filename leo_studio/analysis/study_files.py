"""Files of a study's table: for papers, notes and programs, by their endings."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine.studies.table import Table

TABLE_ENDINGS: Final = (".md", ".tex", ".csv", ".parquet", ".h5")


def write_study_table(table: "Table", path: Path) -> None:
    """Write the table in the format that the file's name ends with, one of `TABLE_ENDINGS`.

    Raises
    ------
    BadInput
        If it cannot be written; then no file is changed.
    """
    # Here, since the command line names the endings before it knows whether a table is wanted.
    from engine.io.files import write_text
    from leo_studio.analysis.study_tables import latex, markdown, numbers
    from leo_studio.figures.tables import write_tables

    texts = {".md": markdown, ".tex": latex}
    ending = path.suffix.lower()
    if ending in texts:
        write_text(path, texts[ending](table))
    else:
        write_tables(path, [numbers(table)])
