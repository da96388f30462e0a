"""Glyphs, the built-in dataset: an alphabet that nobody wrote, drawn by forty simulated hands.

A class is a letter, two to four Bezier strokes; each of its images is by a different hand. Hands
are the same for every class: a hand slants, leans, squeezes and presses the pen in its own way, so
most of what varies within a class varies alike in all of them, and can be learned away. Embeddings
are histograms of gradient orientations, which show the hand about as clearly as the letter.

Everything is computed from a seed and is the same to the last bit on every machine. For that, only
integers and the operations that IEEE 754 rounds exactly are used (+, -, *, /, square root,
comparisons), floats are never reduced with a sum or a matrix product, whose order is up to the
machine, and random numbers come from a hash instead of a library's generator.

Shapes: n images, H hands, S strokes, P points, D embedding size. Points are (x, y), y downwards.
"""

from collections.abc import Callable, Sequence
from itertools import count, pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from engine.data.splits import SPLITS
from engine.data.store_writing import create_store

HANDS = 40
FRAME = 28  # pixels, both ways
HEIGHT, PEN = 17.5, 1.2  # in pixels: how large an average hand writes, and the radius of its pen
EMBEDDING_DIM = 200

SEED = 1807_05960
CLASSES_PER_SPLIT = (160, 40, 50)

# Between the dots that a stroke is inked with there is less than a pixel.
DOTS = np.arange(33) / 32
DOTS.setflags(write=False)
# Strokes run between the nodes of a grid; this is what makes the letters one alphabet.
COLUMNS = (0.0, 0.5, 1.0)
ROWS = (0.0, 1 / 3, 2 / 3, 1.0)
# How far the two inner control points leave the chord, in chords: lines, arcs, bowls, a wave and
# hooks. What is listed more often is drawn more often.
BENDS = (
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
# The directions that divide eight orientations, in whole numbers: within a degree of 11.25, 33.75
# ... 168.75 degrees, so that upright and level strokes fall in the middle of theirs.
BORDERS = ((5, 1), (3, 2), (2, 3), (1, 5), (-1, 5), (-2, 3), (-3, 2), (-5, 1))
_64_BITS = 2**64 - 1


def write_glyphs(path: Path, progress: Callable[[float], None] | None = None) -> None:
    """Create the Glyphs store at `path`: 160 train, 40 val and 50 test classes of 40 images.

    Takes a few seconds. Classes are called "glyph-017" and images "glyph-017/hand-05".

    Parameters
    ----------
    path
        The HDF5 file to be; replaced if it is there.
    progress
        Called with the fraction, 0 to 1, that is drawn, after each class, so many times a second;
        an exception that it raises ends the drawing, and no file appears.
    """
    drawn = count(1)

    def drawn_class(class_: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        images = draw_class(class_)
        # Here rather than for a whole split at once, which for a second would heed nobody.
        embeddings = features(images)
        if progress is not None:
            progress(next(drawn) / sum(CLASSES_PER_SPLIT))
        return images, embeddings

    source = "drawn by LEO Studio: strokes by simulated hands, histograms of gradient orientations"
    with create_store(path, "glyphs", source, EMBEDDING_DIM) as store:
        for split in SPLITS:
            classes = classes_of(split)
            names = [f"glyph-{class_:03d}" for class_ in classes]
            images, embeddings = zip(*(drawn_class(class_) for class_ in classes), strict=True)
            store.add_split(
                split,
                np.concatenate(embeddings),
                np.repeat(np.arange(len(classes)), HANDS),
                names,
                [f"{name}/hand-{hand:02d}" for name in names for hand in range(HANDS)],
                np.concatenate(images),
            )


def classes_of(split: str) -> range:
    """Return the numbers of the classes in a split; no class is in two."""
    index = SPLITS.index(split)
    start = sum(CLASSES_PER_SPLIT[:index])
    return range(start, start + CLASSES_PER_SPLIT[index])


# --- Chance ---------------------------------------------------------------------------------------


def uniform(what: str, *key: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the number in [0, 1) that belongs to a name and a key, e.g. ("slant", hand).

    There is no state: a number depends on nothing but its name, its key and the seed. Keys
    broadcast; the result has at least one axis. The hash is splitmix64, chained over the key.
    """
    bits = np.full(1, SEED, np.uint64)
    for part in (crc32(what.encode()), *key):
        bits = bits + np.asarray(part).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits = bits ^ (bits >> np.uint64(31))
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def pick(options: int, what: str, *key: int) -> int:
    """Return one of 0 ... options - 1, by the number that `uniform` gives for the same key.

    Computed in Python's whole numbers: for a single number they are ten times as fast as arrays,
    and drafting letters asks for some hundred thousand.
    """
    bits = SEED
    for part in (crc32(what.encode()), *key):
        bits = (bits + part + 0x9E3779B97F4A7C15) & _64_BITS
        bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _64_BITS
        bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _64_BITS
        bits ^= bits >> 31
    return int((bits >> 11) * 2.0**-53 * options)


def bell(what: str, *key: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a bell-shaped number between -2 and 2 with mean 0 and variance 1/3."""
    parts = np.arange(4).reshape(4, *[1] * max(1, *map(np.ndim, key)))
    first, second, third, fourth = uniform(what, *key, parts)
    bent: NDArray[np.float64] = first + second + third + fourth - 2.0
    return bent


# --- Letters --------------------------------------------------------------------------------------


def letter(class_: int) -> NDArray[np.float64]:
    """Return the control points of a class's strokes, (S, 4, 2), as no hand has written them.

    The letter is centred on the origin and its longer side has length 1.
    """
    drafts = (draft_letter(class_, attempt) for attempt in count())
    strokes = next(draft for draft in drafts if is_legible(draft))
    ink = bezier(strokes, DOTS)
    low, high = ink.min(axis=(0, 1)), ink.max(axis=(0, 1))
    scaled: NDArray[np.float64] = (strokes - (low + high) / 2) / (high - low).max()
    return scaled


def draft_letter(class_: int, attempt: int) -> NDArray[np.float64]:
    """Return two to four strokes on the unit square, (S, 4, 2), most of them joined."""
    strokes: list[NDArray[np.float64]] = []
    for stroke in range((2, 3, 3, 3, 4)[pick(5, "strokes", class_, attempt)]):
        key = (class_, attempt, stroke)
        start, end = (
            np.array((COLUMNS[pick(3, f"{tip} x", *key)], ROWS[pick(4, f"{tip} y", *key)]))
            for tip in ("start", "end")
        )
        if strokes and pick(5, "is joined", *key):
            joints = bezier(strokes[pick(stroke, "joined to", *key)], np.array((0.0, 0.5, 1.0)))
            start = joints[pick(3, "joint", *key)]
        chord = end - start
        side = (-1.0, 1.0)[pick(2, "side", *key)]
        normal = side * np.array((-chord[1], chord[0]))
        first, second = BENDS[pick(len(BENDS), "bend", *key)]
        inner = start + chord / 3 + first * normal, end - chord / 3 + second * normal
        strokes.append(np.stack((start, *inner, end)))
    return np.stack(strokes)


def is_legible(strokes: NDArray[np.float64]) -> bool:
    """Whether a draft is as tall as a letter, no dash is too short, and no stroke hides another."""
    chords = strokes[:, 3] - strokes[:, 0]
    if (squared_length(chords) < 0.16).any():
        return False
    ink = bezier(strokes, DOTS)
    width, height = ink.max(axis=(0, 1)) - ink.min(axis=(0, 1))
    if height < 0.9 or not 0.45 * height <= width <= 1.1 * height:
        return False
    for stroke, dots in enumerate(ink):
        others = np.delete(ink, stroke, axis=0).reshape(-1, 2)
        nearest = squared_length(dots[:, None] - others).min(axis=1)
        if np.count_nonzero(nearest > 0.04) < len(DOTS) // 2:
            return False
    return True


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


# --- Hands ----------------------------------------------------------------------------------------


def habit(what: str, centre: float, reach: float, class_: int) -> NDArray[np.float64]:
    """Return how much of something each hand does in its image of a class, (H,).

    A hand has its own measure within `reach` of `centre`, and keeps to it in every class but for
    a little that differs from image to image.
    """
    hands = np.arange(HANDS)
    always = reach * (2.0 * uniform(what, hands) - 1.0)
    this_time = 0.25 * reach * bell(what, class_, hands)
    return centre + always + this_time


def draw_class(class_: int) -> NDArray[np.uint8]:
    """Return a class's images, one by each hand, (H, FRAME, FRAME, 1): bright ink on black."""
    pen = np.maximum(habit("pen", PEN, 0.4, class_), 0.75)
    dots = place_in_frame(bezier(write_letter(class_), DOTS).reshape(HANDS, -1, 2), class_, pen)
    # The pen lifts towards the end of a stroke, with some hands more than with others.
    taper = np.maximum(habit("taper", 0.15, 0.2, class_), 0.0)
    strokes = dots.shape[1] // len(DOTS)
    widths = pen[:, None] * (1.0 - taper[:, None] * np.tile(DOTS * DOTS, strokes))
    return ink_dots(dots, widths, pen)[..., None]


def write_letter(class_: int) -> NDArray[np.float64]:
    """Return the strokes of a class as each hand moves them, (H, S, 4, 2), in pixels."""
    strokes = letter(class_)
    each = (slice(None), None, None)

    # Round or angular: bends grow or shrink, about the chord's thirds.
    start, end = strokes[:, :1], strokes[:, 3:]
    chord = start + (end - start) * (np.arange(4) / 3)[:, None]
    roundness = habit("roundness", 1.0, 0.3, class_)[each]
    moved = chord + (strokes - chord) * roundness[..., None]

    # Unsteady: every control point wobbles, and every stroke is set down a little off.
    wobble = bell("wobble", class_, *np.ogrid[:HANDS, : len(strokes), :4, :2])
    drift = bell("drift", class_, *np.ogrid[:HANDS, : len(strokes), :1, :2])
    unsteadiness = habit("unsteadiness", 0.05, 0.025, class_)[each]
    moved = moved + (wobble + 0.8 * drift) * unsteadiness[..., None]

    # Shears and scales, instead of a rotation, which would need a sine.
    x = moved[..., 0] * habit("aspect", 1.0, 0.25, class_)[each]
    x = x - moved[..., 1] * habit("slant", 0.0, 0.62, class_)[each]
    y = moved[..., 1] + x * habit("climb", 0.0, 0.27, class_)[each]
    height = habit("height", HEIGHT, 3.0, class_)[each]
    return np.stack((x * height, y * height), axis=-1)


def place_in_frame(
    dots: NDArray[np.float64], class_: int, pen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move each image's dots, (H, P, 2), to where its hand likes to write.

    What would come too near to the edge is shrunk or moved inwards: a clear pixel always remains.
    """
    low, high = dots.min(axis=1), dots.max(axis=1)
    room = FRAME - 2.0 * (pen + 2.0)[:, None]
    shrink = np.minimum(1.0, room / (high - low)).min(axis=1, keepdims=True)
    slack = (room - (high - low) * shrink) / 2
    shift = np.stack((habit("right", 0.0, 2.5, class_), habit("down", 0.0, 2.5, class_)), axis=-1)
    centre = FRAME / 2 + np.minimum(np.maximum(shift, -slack), slack)
    centred = dots - ((low + high) / 2)[:, None]
    placed: NDArray[np.float64] = centred * shrink[:, None] + centre[:, None]
    return placed


def ink_dots(
    dots: NDArray[np.float64], widths: NDArray[np.float64], pen: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Ink dots, (H, P, 2), with edges one pixel soft; returns (H, FRAME, FRAME).

    `widths`, (H, P), are the radii of the dots in pixels, `pen`, (H,), those of the hands' pens.
    """
    # The squared distance from a pixel to a dot, in radii, is a row's share plus a column's share:
    # per dot that leaves one addition and one comparison a pixel. Images are the last axis.
    pixels = (np.arange(FRAME) + 0.5)[:, None]
    across, down = (
        (pixels - dots[:, :, axis].T[:, None]) / widths.T[:, None] for axis in range(2)
    )  # (P, FRAME, H)
    across, down = across * across, down * down
    nearest = across[0] + down[0][:, None]
    distance = np.empty_like(nearest)
    for dot in range(1, len(across)):
        np.add(across[dot], down[dot][:, None], out=distance)
        np.minimum(nearest, distance, out=nearest)
    ink = np.minimum(np.maximum(0.5 + pen * (1.0 - np.sqrt(nearest)), 0.0), 1.0)
    grey: NDArray[np.uint8] = np.floor(255.0 * ink + 0.5).astype(np.uint8)
    return np.moveaxis(grey, -1, 0)


def ink_strokes(strokes: Sequence[NDArray[np.float64]]) -> NDArray[np.uint8]:
    """Return the image of strokes that somebody drew, as an average hand would have inked them.

    Parameters
    ----------
    strokes
        The points of each, (P, 2), one after the other, at any place and in any size.

    Returns
    -------
    NDArray
        (FRAME, FRAME, 1); blank where there are no strokes.
    """
    if not strokes:
        return np.zeros((FRAME, FRAME, 1), np.uint8)
    fitted = fit_strokes(strokes, HEIGHT)
    dots = np.concatenate([_dotted(stroke) for stroke in fitted]) + FRAME / 2
    return ink_dots(dots[None], np.full((1, len(dots)), PEN), np.array([PEN]))[0, ..., None]


def fit_strokes(strokes: Sequence[NDArray[np.float64]], height: float) -> list[NDArray[np.float64]]:
    """Centre strokes on the origin, and scale them so that their longer side is `height`."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    longer = float((high - low).max())
    scale = height / longer if longer > 0 else 0.0  # a dot stays one
    return [(stroke - (low + high) / 2) * scale for stroke in strokes]


def _dotted(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put dots along a stroke, half a pixel apart at most."""
    parts = [stroke[:1]]
    for start, end in pairwise(stroke):
        count = int(np.ceil(2 * np.abs(end - start).max()))
        parts.append(start + (end - start) * np.arange(1, count + 1)[:, None] / max(count, 1))
    return np.concatenate(parts)


# --- Embeddings -----------------------------------------------------------------------------------


def features(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return histograms of gradient orientations, (n, D), of images (n, FRAME, FRAME, 1).

    Eight orientations in 5 x 5 overlapping cells, as square roots of their shares, so that an
    embedding has length 1 (that of a blank image is zero).
    """
    padded = np.pad(images[..., 0].astype(np.int64), ((0, 0), (1, 1), (1, 1)))
    x = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    y = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    strength = np.sqrt(x * x + y * y).astype(np.int64)

    # Both sides of a stroke count as one orientation: turn gradients into the upper half plane,
    # and count the borders that they have passed.
    turn = np.where((y < 0) | ((y == 0) & (x < 0)), -1, 1)
    x, y = turn * x, turn * y
    passed = np.stack([border_x * y >= border_y * x for border_x, border_y in BORDERS])
    orientation = np.count_nonzero(passed, axis=0) % len(BORDERS)

    # Blocks of 4 x 4 pixels; cells of 3 x 3 blocks, weighted 1 2 1 both ways, so that a stroke
    # passes from cell to cell by degrees.
    planes = np.stack([strength * (orientation == o) for o in range(len(BORDERS))], axis=1)
    cells = planes.reshape(len(images), len(BORDERS), FRAME // 4, 4, FRAME // 4, 4).sum(axis=(3, 5))
    for _ in range(2):
        cells = cells[..., 1:, :] + cells[..., :-1, :]
        cells = cells[..., 1:] + cells[..., :-1]
    histogram = cells.reshape(len(images), -1)
    total = np.maximum(histogram.sum(axis=1, keepdims=True), 1)
    shares: NDArray[np.float64] = histogram / total
    return np.sqrt(shares).astype(np.float32)
