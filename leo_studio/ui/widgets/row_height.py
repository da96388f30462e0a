"""The height of a table's rows, by its own text alone."""

from PySide6.QtWidgets import QTableView


def set_row_height(table: QTableView, height: int) -> None:
    """Give all rows a height.

    Qt lets no row be lower than the text of the header beside the rows, which may be hidden: then
    it has the text's new size long after the table has it.
    """
    header = table.verticalHeader()
    header.setMinimumSectionSize(min(height, header.maximumSectionSize()))
    header.setDefaultSectionSize(height)
