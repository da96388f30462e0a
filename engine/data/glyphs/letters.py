"""Letters of the glyphs as no hand has written them: drafts, and the first that is legible.

Shapes: A drafts, S strokes, P points. Points are (x, y), y downwards.
"""

from collections.abc import Iterator
from itertools import count

import numpy as np
from numpy.typing import NDArray

from engine.data.glyphs.chance import pick, uniform_of_each

# Between the dots that a stroke is inked with there is less than a pixel.
DOTS = np.arange(33) / 32
DOTS.setflags(write=False)
_JOINTS = np.array((0.0, 0.5, 1.0))  # where on a stroke another one begins
# Strokes run between the nodes of a grid; this is what makes the letters one alphabet.
COLUMNS = np.array((0.0, 0.5, 1.0))
ROWS = np.array((0.0, 1 / 3, 2 / 3, 1.0))
# How far the two inner control points leave the chord, in chords: lines, arcs, bowls, a wave and
# hooks. What is listed more often is drawn more often.
BENDS = np.array(
    (
        (0.0, 0.0),
        (0.0, 0.0),
        (0.0, 0.0),
        (0.45, 0.45),
        (0.45, 0.45),
        (0.75, 0.75),
        (0.7, -0.7),
        (0.05, 0.75),
        (0.75, 0.05),
    )
)
STROKES = np.array((2, 3, 3, 3, 4))  # of a letter, likewise
_MOST_STROKES = 4
_AT_A_TIME = 32  # drafts; one in 22 becomes a letter
# What is chosen of each stroke.
_CHOICES = (
    *("start x", "start y", "end x", "end y"),
    *("is joined", "joined to", "joint", "side", "bend"),
)


def letter(class_: int) -> NDArray[np.float64]:
    """Return the control points of a class's strokes, (S, 4, 2), as no hand has written them.

    The letter is centred on the origin and its longer side has length 1.
    """
    strokes = next(_legible_drafts(class_))
    ink = bezier(strokes, DOTS)
    low, high = ink.min(axis=(0, 1)), ink.max(axis=(0, 1))
    scaled: NDArray[np.float64] = (strokes - (low + high) / 2) / (high - low).max()
    return scaled


def _legible_drafts(class_: int) -> Iterator[NDArray[np.float64]]:
    """Yield the drafts of a letter, (S, 4, 2), that can be read: none has too short a dash."""
    for first in count(step=_AT_A_TIME):
        drafts, strokes = draft_letters(class_, np.arange(first, first + _AT_A_TIME))
        has_dash = (squared_length(drafts[:, :, 3] - drafts[:, :, 0]) < 0.16).any(axis=1)
        drafts, strokes = drafts[~has_dash], strokes[~has_dash]
        ink = bezier(drafts, DOTS)
        for row in np.flatnonzero(is_shaped(ink)).tolist():
            if not hides_a_stroke(ink[row, : strokes[row]]):
                yield drafts[row, : strokes[row]]


def draft_letters(
    class_: int, attempts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return drafts on the unit square, (A, 4, 4, 2), and how many strokes each has, (A,).

    Most strokes are joined. Those that a draft does not have are its first one again.
    """
    numbers = uniform_of_each(_CHOICES, class_, attempts[:, None], np.arange(_MOST_STROKES))
    by_name = dict(zip(_CHOICES, numbers, strict=True))  # (A, 4) each

    def choice(options: int, what: str, stroke: int) -> NDArray[np.int64]:
        chosen: NDArray[np.int64] = (by_name[what][:, stroke] * options).astype(np.int64)
        return chosen

    every = np.arange(len(attempts))
    drafts = np.empty((len(attempts), _MOST_STROKES, 4, 2))
    for stroke in range(_MOST_STROKES):
        start, end = (
            np.stack(
                (COLUMNS[choice(3, f"{tip} x", stroke)], ROWS[choice(4, f"{tip} y", stroke)]), -1
            )
            for tip in ("start", "end")
        )
        if stroke:
            joints = bezier(drafts[every, choice(stroke, "joined to", stroke)], _JOINTS)
            joint = joints[every, choice(3, "joint", stroke)]
            is_joined = choice(5, "is joined", stroke) > 0
            start = np.where(is_joined[:, None], joint, start)
        chord = end - start
        side = np.array((-1.0, 1.0))[choice(2, "side", stroke)]
        normal = side[:, None] * np.stack((-chord[:, 1], chord[:, 0]), -1)
        bend = BENDS[choice(len(BENDS), "bend", stroke)]
        drafts[:, stroke, 0], drafts[:, stroke, 3] = start, end
        drafts[:, stroke, 1] = start + chord / 3 + bend[:, :1] * normal
        drafts[:, stroke, 2] = end - chord / 3 + bend[:, 1:] * normal
    strokes = STROKES[pick(len(STROKES), "strokes", class_, attempts)]
    is_missing = np.arange(_MOST_STROKES) >= strokes[:, None]
    return np.where(is_missing[..., None, None], drafts[:, :1], drafts), strokes


def is_shaped(ink: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether drafts are as tall and as wide as letters, (A,), by dots along them, (A, S, P, 2)."""
    width, height = (ink.max(axis=(1, 2)) - ink.min(axis=(1, 2))).T
    is_wide = (0.45 * height <= width) & (width <= 1.1 * height)
    shaped: NDArray[np.bool_] = is_wide & (height >= 0.9)
    return shaped


def hides_a_stroke(ink: NDArray[np.float64]) -> bool:
    """Whether most of a stroke lies behind others; `ink` is dots along all strokes, (S, P, 2)."""
    x, y = np.moveaxis(ink, -1, 0).copy()
    for stroke in range(len(ink)):
        others = np.arange(len(ink)) != stroke
        right = x[stroke][:, None] - x[others].ravel()
        down = y[stroke][:, None] - y[others].ravel()
        nearest = (right * right + down * down).min(axis=1)
        if np.count_nonzero(nearest > 0.04) < len(DOTS) // 2:
            return True
    return False


def bezier(control: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points of cubic Bezier curves, (..., 4, 2), at T parameters: (..., T, 2)."""
    t = at[:, None]
    s = 1.0 - t
    start, first, second, end = (control[..., index, None, :] for index in range(4))
    points: NDArray[np.float64] = (
        s * s * s * start + 3.0 * s * s * t * first + 3.0 * s * t * t * second + t * t * t * end
    )
    return points


def squared_length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return x * x + y * y of vectors (..., 2)."""
    x, y = vectors[..., 0], vectors[..., 1]
    squared: NDArray[np.float64] = x * x + y * y
    return squared
