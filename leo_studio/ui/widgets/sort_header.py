"""The header of tables that a click sorts: its arrow points up where rows ascend."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionHeader, QWidget

_ARROWS = QStyleOptionHeader.SortIndicator
# Qt's own points down where rows ascend; most people read it the other way round.
_TURNED = {_ARROWS.SortUp: _ARROWS.SortDown, _ARROWS.SortDown: _ARROWS.SortUp}
_ARROW_ROOM = "\N{EM SPACE}"


class SortHeader(QHeaderView):
    """A horizontal header; a table that can be sorted takes it before anything else is set up.

    Parameters
    ----------
    parent
        The table.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, section: int) -> None:
        """Turn the arrow round, and keep a title at the right clear of it."""
        super().initStyleOptionForIndex(option, section)
        arrow = option.sortIndicator
        if arrow in _TURNED:
            option.sortIndicator = _TURNED[arrow]
            if option.textAlignment & Qt.AlignmentFlag.AlignRight:
                option.text += _ARROW_ROOM
