"""Pictures made for tests: small files of every kind, and folders of them."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(seed: int = 0, side: int = 24, mode: str = "RGB") -> Image.Image:
    """Return a smooth picture of one colour that follows from the seed."""
    generator = np.random.default_rng(seed)
    colour = generator.integers(40, 216, 3)
    noise = generator.integers(-20, 20, (side, side, 3))
    return Image.fromarray((colour + noise).clip(0, 255).astype(np.uint8)).convert(mode)


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def write_folders(root: Path, classes: Mapping[str, int], side: int = 24) -> Path:
    """Write a folder for each class, with so many PNGs; returns `root`."""
    seed = 0
    for name, count in classes.items():
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (folder / f"{number:03}.png").write_bytes(encoded(picture(seed, side)))
            seed += 1
    return root
