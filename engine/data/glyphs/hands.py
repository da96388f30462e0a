"""Forty simulated hands, each of which slants, squeezes and presses the pen in its own way.

Shapes: H hands, S strokes, P points. Points are (x, y), y downwards.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.data.glyphs.chance import bell, bell_of_each, uniform_of_each
from engine.data.glyphs.ink import FRAME, HEIGHT, PEN, ink_dots
from engine.data.glyphs.letters import DOTS, bezier, letter

HANDS = 40
# What an average hand does, and how far hands go to either side of it.
HABITS = {
    "pen": (PEN, 0.4),  # its radius, in pixels
    "taper": (0.15, 0.2),
    "roundness": (1.0, 0.3),
    "unsteadiness": (0.05, 0.025),
    "aspect": (1.0, 0.25),
    "slant": (0.0, 0.62),
    "climb": (0.0, 0.27),
    "height": (HEIGHT, 3.0),  # in pixels
    "right": (0.0, 2.5),
    "down": (0.0, 2.5),
}


def habits(class_: int) -> dict[str, NDArray[np.float64]]:
    """Return how much of everything each hand does in its image of a class, (H,) each.

    A hand has its own measure within reach of the average, and keeps to it in every class but for
    a little that differs from image to image.
    """
    centre, reach = _measures()
    this_time = 0.25 * reach * bell_of_each(tuple(HABITS), class_, np.arange(HANDS))
    return dict(zip(HABITS, centre + _always() + this_time, strict=True))


def _measures() -> NDArray[np.float64]:
    """Return the centres and the reaches of all habits, (2, W, 1)."""
    centres, reaches = zip(*HABITS.values(), strict=True)
    measures: NDArray[np.float64] = np.array((centres, reaches)).reshape(2, -1, 1)
    return measures


@cache
def _always() -> NDArray[np.float64]:
    """Return how each hand differs from the average in all that it writes, (W, H)."""
    _, reach = _measures()
    always: NDArray[np.float64] = reach * (
        2.0 * uniform_of_each(tuple(HABITS), np.arange(HANDS)) - 1.0
    )
    always.setflags(write=False)
    return always


def draw_class(class_: int) -> NDArray[np.uint8]:
    """Return a class's images, one by each hand, (H, FRAME, FRAME, 1): bright ink on black."""
    habit = habits(class_)
    pen = np.maximum(habit["pen"], 0.75)
    written = bezier(write_letter(class_, habit), DOTS).reshape(HANDS, -1, 2)
    shift = np.stack((habit["right"], habit["down"]), axis=-1)
    dots = place_in_frame(written, shift, pen)
    # The pen lifts towards the end of a stroke, with some hands more than with others.
    taper = np.maximum(habit["taper"], 0.0)
    strokes = dots.shape[1] // len(DOTS)
    widths = pen[:, None] * (1.0 - taper[:, None] * np.tile(DOTS * DOTS, strokes))
    return ink_dots(dots, widths, pen)[..., None]


def write_letter(class_: int, habit: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the strokes of a class as each hand moves them, (H, S, 4, 2), in pixels."""
    strokes = letter(class_)
    each = (slice(None), None, None)

    # Round or angular: bends grow or shrink, about the chord's thirds.
    start, end = strokes[:, :1], strokes[:, 3:]
    chord = start + (end - start) * (np.arange(4) / 3)[:, None]
    roundness = habit["roundness"][each]
    moved = chord + (strokes - chord) * roundness[..., None]

    # Unsteady: every control point wobbles, and every stroke is set down a little off.
    wobble = bell("wobble", class_, *np.ogrid[:HANDS, : len(strokes), :4, :2])
    drift = bell("drift", class_, *np.ogrid[:HANDS, : len(strokes), :1, :2])
    unsteadiness = habit["unsteadiness"][each]
    moved = moved + (wobble + 0.8 * drift) * unsteadiness[..., None]

    # Shears and scales, instead of a rotation, which would need a sine.
    x = moved[..., 0] * habit["aspect"][each]
    x = x - moved[..., 1] * habit["slant"][each]
    y = moved[..., 1] + x * habit["climb"][each]
    height = habit["height"][each]
    return np.stack((x * height, y * height), axis=-1)


def place_in_frame(
    dots: NDArray[np.float64], shift: NDArray[np.float64], pen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move each image's dots, (H, P, 2), from the middle by `shift`, (H, 2), in pixels.

    What would come too near to the edge is shrunk or moved inwards: a clear pixel always remains.
    """
    low, high = dots.min(axis=1), dots.max(axis=1)
    room = FRAME - 2.0 * (pen + 2.0)[:, None]
    shrink = np.minimum(1.0, room / (high - low)).min(axis=1, keepdims=True)
    slack = (room - (high - low) * shrink) / 2
    centre = FRAME / 2 + np.minimum(np.maximum(shift, -slack), slack)
    centred = dots - ((low + high) / 2)[:, None]
    placed: NDArray[np.float64] = centred * shrink[:, None] + centre[:, None]
    return placed
