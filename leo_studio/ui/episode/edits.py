"""Changes of the support set that are asked for with the mouse, at the right side of what if."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.inspection.what_if import Edit
from leo_studio.records import Examples
from leo_studio.ui.episode.chooser import Chooser

if TYPE_CHECKING:
    from leo_studio.controller import Controller
    from leo_studio.ui.episode.panel import EpisodePanel


class SupportEdits(QObject):
    """Swaps classes, and takes examples out or in; asks which where that is open.

    Parameters
    ----------
    controller
        Knows the examples of a class.
    panel
        Whose episode is changed.
    """

    def __init__(self, controller: "Controller", panel: "EpisodePanel") -> None:
        super().__init__(panel)
        self._controller = controller
        self._panel = panel
        panel.right.swap_wanted.connect(self._ask_class)
        panel.right.add_wanted.connect(self._ask_example)
        panel.right.drop_wanted.connect(self._drop)

    def _ask_class(self, place: int) -> None:
        seen = self._panel.other
        if seen is None:
            return
        name = seen.class_names[int(seen.classes[0, place])]
        chooser = Chooser("Swap a class", f'Which class instead of "{name}"?', self._panel)
        chooser.show_classes(seen.class_names, seen.classes[0].tolist())
        chooser.chosen.connect(lambda label: self._panel.what_if.edit(Edit("swap", place, label)))
        chooser.open()

    def _ask_example(self, place: int) -> None:
        seen, source = self._panel.other, self._panel.source
        if seen is None or source is None:
            return
        label = int(seen.classes[0, place])
        used = [row for row in seen.support[0, place].tolist() if row >= 0]

        def ask(examples: Examples) -> None:
            hint = f'Which example of "{seen.class_names[label]}" joins the support set?'
            chooser = Chooser("Add a support example", hint, self._panel)
            chooser.show_examples(examples, used)
            chooser.chosen.connect(lambda row: self._panel.what_if.edit(Edit("add", place, row)))
            chooser.open()

        self._controller.episodes.class_examples(source, label, ask)

    def _drop(self, place: int, row: int) -> None:
        self._panel.what_if.edit(Edit("drop", place, row))
