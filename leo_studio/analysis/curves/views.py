"""What of the plots a person chose to see: ranges that are zoomed and moved, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from leo_studio.analysis.curves.scene import Range

_NARROWEST = 1e-6  # of the whole range: about one step of a million
_MOST_REMEMBERED = 100


def zoomed(shown: Range, anchor: float, factor: float) -> Range:
    """Return a range `factor` times as wide, in which `anchor` stays where it is."""
    low, high = shown
    return anchor - (anchor - low) * factor, anchor + (high - anchor) * factor


def within(wanted: Range, whole: Range) -> Range:
    """Return the range nearest to the wanted one that lies in the whole one.

    It keeps its width where it can. What is as wide as the whole is the whole itself.
    """
    width = whole[1] - whole[0]
    span = max(wanted[1] - wanted[0], _NARROWEST * width)
    if span >= width * (1 - 1e-9):
        return whole
    low = min(max(wanted[0], whole[0]), whole[1] - span)
    return low, low + span


@dataclass(frozen=True, slots=True)
class View:
    """What is seen.

    Attributes
    ----------
    x
        The range of x in all plots; None for everything, which grows with the curves.
    y
        Ranges of y by the plot's name; in all other plots y fits what is seen.
    """

    x: Range | None = None
    y: Mapping[str, Range] = field(default_factory=dict)

    @property
    def is_everything(self) -> bool:
        """Whether nothing was chosen."""
        return self.x is None and not self.y

    def changed(self, plot: str, x: Range | None, y: Range | None, whole: Range) -> "View":
        """Return the view after ranges were chosen in a plot; None for one that stays as it is.

        The whole range of x is everything, and grows with the curves.
        """
        return View(
            self.x if x is None else None if x == whole else x,
            self.y if y is None else {**self.y, plot: y},
        )


class ViewHistory:
    """The view that is seen, and those before it."""

    def __init__(self) -> None:
        self.current = View()
        self._earlier: list[View] = []
        self._is_moving = False  # something was chosen that may go on

    @property
    def has_earlier(self) -> bool:
        """Whether there is a view to go back to."""
        return bool(self._earlier)

    def choose(self, view: View, *, goes_on: bool = False) -> None:
        """See something else; `goes_on` where it is one movement with the choice before."""
        self._is_moving = self._is_moving and goes_on
        if view == self.current:
            return
        if not self._is_moving:
            self._earlier.append(self.current)
            del self._earlier[:-_MOST_REMEMBERED]
            self._is_moving = True
        self.current = view
        if self._earlier[-1] == view:  # a movement that led back to where it began
            self._earlier.pop()
            self._is_moving = False

    def go_back(self) -> None:
        """See what was seen before; nothing changes where that is nothing."""
        self._is_moving = False
        if self._earlier:
            self.current = self._earlier.pop()

    def clear(self) -> None:
        """See everything, and forget what was seen: the axis has other units now."""
        self._is_moving = False
        self.current = View()
        self._earlier.clear()

    def forget_y(self, plot: str) -> None:
        """Forget the chosen ranges of one plot's y, which has other units now."""
        self.current = _without(self.current, plot)
        self._earlier = [_without(view, plot) for view in self._earlier]


def _without(view: View, plot: str) -> View:
    return replace(view, y={name: y for name, y in view.y.items() if name != plot})
