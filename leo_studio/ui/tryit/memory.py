"""Memory of the panel "Try it": what was shown, asked and drawn comes back at the next start."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from leo_studio.ui.tryit.class_list import MOST_CLASSES
from leo_studio.ui.tryit.kept_examples import (
    plain_classes,
    plain_examples,
    plain_strokes,
    read_classes,
    read_examples,
    read_strokes,
)

if TYPE_CHECKING:
    from leo_studio.ui.tryit.panel import TryItPanel

_MOST_DRAWINGS = 10**6  # whose number a name may have


class TryMemory:
    """Remembers the panel's classes, queries, canvas and threshold.

    Parameters
    ----------
    panel
        The panel.
    """

    def __init__(self, panel: "TryItPanel") -> None:
        self._panel = panel

    def objectName(self) -> str:
        """Return the name under which it is kept."""
        return self._panel.objectName()

    def remembered(self) -> dict[str, object]:
        """Return what a person has shown, asked and drawn, as plain values."""
        panel = self._panel
        classes, drawing = panel.classes, panel.drawing
        return {
            "classes": plain_classes(classes.kept),
            "current": None if classes.current is None else classes.rows.index(classes.current),
            "queries": plain_examples(panel.queries),
            "canvas": plain_strokes(drawing.canvas.strokes),
            "drawings": drawing.taken,
            "threshold": panel.answers.threshold,
        }

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Show it again; what makes no sense is ignored."""
        panel, canvas = self._panel, self._panel.drawing.canvas
        panel.queries = list(read_examples(remembered.get("queries")))
        classes = read_classes(remembered.get("classes"), MOST_CLASSES)
        panel.classes.take_kept(classes, remembered.get("current"))
        canvas.set_strokes(read_strokes(remembered.get("canvas")))
        drawings = remembered.get("drawings")
        if type(drawings) is int and 0 <= drawings <= _MOST_DRAWINGS:
            panel.drawing.taken = drawings
        panel.answers.restore_threshold(remembered.get("threshold"))
