"""Decoding of picture files into red, green and blue, whatever their kind.

Pillow decodes. Every picture comes as people see it: turned as its camera says, transparent parts
on white, and 16 bits a channel scaled to 8.
"""

import io
import struct
import warnings
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import BadInput
from engine.io.listing import shown

ENDINGS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".tga"}
)
# The formats that are tried; others of Pillow's (EPS, which starts a program; fonts) never are.
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "TGA")
# More pixels than a camera takes: a file of some kilobytes can claim to have gigabytes of them.
MOST_PIXELS = 120_000_000
_WHITE = (255, 255, 255)
_ERRORS = (
    OSError,
    SyntaxError,  # Pillow's word for a damaged PNG
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    EOFError,
    struct.error,
    zlib.error,
    OverflowError,
    NotImplementedError,
    Image.DecompressionBombError,
)


class BrokenPicture(BadInput):
    """A file that cannot be read as a picture; the sentence says why."""


def decoded(data: bytes, name: str, side: int = 0) -> NDArray[np.uint8]:
    """Decode a picture file, (height, width, 3).

    Parameters
    ----------
    data
        The file's bytes.
    name
        What it is called in an error.
    side
        A large JPEG may come smaller, which is faster, with no side below this; 0 for full size.

    Raises
    ------
    BrokenPicture
        If it is no picture, is damaged, or claims to have absurdly many pixels.
    """
    try:
        # What Pillow warns of (odd metadata, many pixels) is either checked here or harmless.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decoded(data, name, side)
    except UnidentifiedImageError as error:
        what = "is empty" if not data else "is no picture of a kind that can be read here"
        raise BrokenPicture(f"{shown(name)} {what}; save it as JPEG or PNG.") from error
    except BrokenPicture:
        raise
    except _ERRORS as error:
        raise BrokenPicture(
            f"{shown(name)} is damaged ({shown(str(error))}); copy or download it again."
        ) from error


def _decoded(data: bytes, name: str, side: int) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise BrokenPicture(
                f"{shown(name)} claims to have {width:,} x {height:,} pixels, more than "
                f"{MOST_PIXELS // 10**6} million; save it smaller."
            )
        if side:
            image.draft("RGB", (side, side))  # JPEG alone: an eighth, a quarter or a half
        image.load()
        turned = ImageOps.exif_transpose(image)
    return np.asarray(_in_color(turned), np.uint8)


def _in_color(image: Image.Image) -> Image.Image:
    """Return a picture in red, green and blue, 8 bits each, on white where it is transparent."""
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, _WHITE)
        return Image.alpha_composite(ground, layer).convert("RGB")
    return image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """Return a grey picture of more than 8 bits with 8."""
    values = np.asarray(image, np.float64)
    values = np.nan_to_num(values, posinf=0, neginf=0)
    if image.mode.startswith("I"):
        grey = values / 257 if values.max(initial=0) > 255 or image.mode != "I" else values
    else:
        grey = values * 255 if values.max(initial=0) <= 1 else values
    return Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8)).convert("RGB")
