"""The one episode of the latent space: which it is, in the box of episodes, and another one."""

from PySide6.QtCore import QObject

from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents.controls import Controls


class OneEpisode(QObject):
    """Names the episode that is looked at in the controls, and looks at the one chosen there.

    Parameters
    ----------
    controls, selection
        Where it is named and chosen, and what all panels look at.
    parent
        The panel.
    """

    def __init__(self, controls: Controls, selection: EpisodeSelection, parent: QObject) -> None:
        super().__init__(parent)
        self._controls = controls
        self._selection = selection
        controls.number_chosen.connect(self._choose)
        selection.current_changed.connect(self._name)
        selection.source_changed.connect(self._name)
        self._name()

    def _name(self, *_: object) -> None:
        source = self._selection.source
        split = "" if source is None else source.split
        self._controls.name_one(self._selection.current or 0, split)

    def _choose(self, number: int) -> None:
        self._controls.set_scope("one", self._controls.count)
        self._selection.show(number)
        self._controls.scope_changed.emit()
