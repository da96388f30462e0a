"""Actions that need a source of episodes: where there is none, their tips say why."""

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from leo_studio.services.records import EpisodeSource
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.people import as_tip


class SourceActions(QObject):
    """Explains actions while a selection has no source.

    Parameters
    ----------
    selection
        Whose source they need.
    enabled
        Those that can be used whenever there is a source; otherwise they are disabled.
    explained
        Those that their panel enables and disables.
    parent
        The panel.
    """

    def __init__(
        self,
        selection: EpisodeSelection,
        enabled: Sequence[QAction],
        explained: Sequence[QAction],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._enabled = tuple(enabled)
        self._tips = {each: (each.toolTip(), each.statusTip()) for each in (*enabled, *explained)}
        selection.source_changed.connect(self._follow)
        self._follow(selection.source)

    def _follow(self, source: EpisodeSource | None) -> None:
        why_not = "" if source is not None else " ".join(self._selection.why_nothing.split())
        for action, (tip, status) in self._tips.items():
            action.setToolTip(as_tip(why_not or tip))
            action.setStatusTip(why_not or status)
        for action in self._enabled:
            action.setEnabled(source is not None)
