"""Numbers of runs at the ends of their curves in a figure, where none lies on another one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leo_studio.analysis.curves.parting import kept_between, parted
from leo_studio.analysis.curves.scene import Range
from leo_studio.figures.records import Band, Layer, Line, Numbers, Points, Texts

_NEAR = 0.05  # of a plot's width: a text and what is so far away from its start may overlap
_BESIDE_STAR = 0.5  # heights of letters


@dataclass(frozen=True, slots=True)
class Axis:
    """Turns numbers on an axis into parts of its length.

    `ends` are None where the layers decide.
    """

    ends: Range | None
    is_log: bool

    def fitted(self, every: Sequence[Numbers]) -> "Axis":
        """Return it with ends, around these numbers where it has none."""
        if self.ends is not None:
            return self
        joined = np.concatenate([np.asarray(each, np.float64) for each in (*every, [])])
        drawn = joined[np.isfinite(joined) & ((joined > 0) | (not self.is_log))]
        ends = (float(drawn.min()), float(drawn.max())) if len(drawn) else (1.0, 1.0)
        return Axis(ends, self.is_log)

    def share(self, number: float) -> float:
        """Return where a number is: 0 at the start, 1 at the end."""
        low, high = self._on_scale
        return (self._scaled(number) - low) / (high - low)

    def number(self, share: float) -> float:
        """Return what is there."""
        low, high = self._on_scale
        scaled = low + share * (high - low)
        return float(10**scaled) if self.is_log else scaled

    @property
    def _on_scale(self) -> Range:
        assert self.ends is not None
        low, high = (self._scaled(end) for end in self.ends)
        return (low, high) if high > low else (low, low + 1.0)

    def _scaled(self, number: float) -> float:
        return math.log10(max(number, 1e-300)) if self.is_log else number


def with_labels_apart(
    layers: Sequence[Layer], x_axis: Axis, y_axis: Axis, least: float
) -> Iterator[Layer]:
    """Yield the layers, with texts of one word each moved so that all of them can be read.

    Parameters
    ----------
    layers
        Those of a plot.
    x_axis, y_axis
        What is seen.
    least
        How far texts are from each other at least, as a part of the plot's height.
    """
    texts = {place: each for place, each in enumerate(layers) if isinstance(each, Texts)}
    stars = [each for each in layers if isinstance(each, Points) and each.marker == "star"]
    x_axis = x_axis.fitted([each.x for each in (*_drawn(layers), *stars)])
    y_axis = y_axis.fitted([y for each in (*_drawn(layers), *stars) for y in _heights(each)])
    heights = {place: y_axis.share(float(text.y[0])) for place, text in texts.items()}
    for group in _groups(texts, x_axis):
        # Outside of what is seen there are no texts.
        near = sorted((each for each in group if 0 <= heights[each] <= 1), key=heights.__getitem__)
        shares = [heights[place] for place in near]
        moved = kept_between(parted(shares, least), least, 0.0, 1.0)
        for place, before, share in zip(near, shares, moved, strict=True):
            text = texts[place]
            if share != before:
                text = replace(text, y=np.array([y_axis.number(share)]))
            x = x_axis.share(float(text.x[0]))
            hit = [
                float(star.x[0])
                for star in stars
                if abs(x_axis.share(float(star.x[0])) - x) < _NEAR
                and abs(y_axis.share(float(star.y[0])) - share) < least
            ]
            if hit:
                most = max(float(text.x[0]), *hit)
                text = replace(text, x=np.array([most]), right=_BESIDE_STAR)
            texts[place] = text
    for place, layer in enumerate(layers):
        yield texts.get(place, layer)


def _drawn(layers: Sequence[Layer]) -> list[Line | Band]:
    return [each for each in layers if isinstance(each, Line | Band)]


def _heights(layer: Line | Band | Points) -> tuple[Numbers, ...]:
    return (layer.low, layer.high) if isinstance(layer, Band) else (layer.y,)


def _groups(texts: dict[int, Texts], x_axis: Axis) -> list[list[int]]:
    """Return the places of texts that begin close to each other in x."""
    groups: list[list[int]] = []
    first = -math.inf
    for place in sorted(texts, key=lambda place: float(texts[place].x[0])):
        x = x_axis.share(float(texts[place].x[0]))
        if x - first >= _NEAR:
            groups.append([])
            first = x
        groups[-1].append(place)
    return groups
