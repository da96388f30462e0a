"""Actions that need a source of episodes: where there is none, they say why."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from leo_studio.services.records import EpisodeSource
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.actions import ActionRegistry

_NOTHING = "There are no episodes to look at yet."


class SourceActions(QObject):
    """Disables actions while a selection has no source.

    Parameters
    ----------
    selection
        Whose source they need.
    actions
        Where they are registered.
    identifiers
        Of those that can be used whenever there is a source.
    parent
        The panel.
    """

    def __init__(
        self,
        selection: EpisodeSelection,
        actions: ActionRegistry,
        identifiers: Sequence[str],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._actions = actions
        self._identifiers = tuple(identifiers)
        selection.source_changed.connect(self._follow)
        self._follow(selection.source)

    def _follow(self, _source: EpisodeSource | None) -> None:
        for identifier in self._identifiers:
            self._actions.set_reason(identifier, why_no_source(self._selection))


def why_no_source(selection: EpisodeSelection) -> str:
    """Say why a selection has no source, in one line; "" where it has one."""
    if selection.source is not None:
        return ""
    return " ".join(selection.why_nothing.split()) or _NOTHING
