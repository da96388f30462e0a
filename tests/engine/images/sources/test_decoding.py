import io
import random
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.images.sources.decoding import MOST_PIXELS, BrokenPicture, decoded
from tests.engine.images.pictures import encoded, picture


def test_every_mode_becomes_red_green_and_blue() -> None:
    red = Image.new("RGB", (12, 8), (200, 10, 20))
    for mode, format in (
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("P", "GIF"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("RGB", "BMP"),
        ("RGB", "WEBP"),
        ("RGB", "PPM"),
        ("YCbCr", "JPEG"),
    ):
        image = red.quantize() if mode == "P" else red.convert(mode)
        pixels = decoded(encoded(image, format), "red")
        assert pixels.shape == (8, 12, 3), (mode, format)
        assert np.abs(pixels.astype(int) - [200, 10, 20]).max() < 30, (mode, format)


def test_grey_and_black_and_white_pictures_have_three_equal_channels() -> None:
    for mode in ("L", "1", "LA"):
        pixels = decoded(encoded(picture(mode="L").convert(mode), "PNG"), "grey")
        assert pixels.shape == (24, 24, 3)
        assert (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all()


def test_sixteen_bits_keep_their_brightness() -> None:
    values = np.linspace(0, 65535, 256, dtype=np.uint16).reshape(16, 16)
    for format in ("PNG", "TIFF"):
        pixels = decoded(encoded(Image.fromarray(values), format), "deep")
        np.testing.assert_allclose(pixels[..., 0], values / 257, atol=0.5)


def test_transparent_parts_are_white() -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert (decoded(encoded(image), "clear") == 255).all()


def test_a_picture_is_turned_as_its_camera_says() -> None:
    image = Image.new("RGB", (16, 8))
    image.paste((255, 255, 255), (0, 0, 16, 2))  # a bright top
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    pixels = decoded(encoded(image, "PNG", exif=exif), "turned")
    assert pixels.shape == (16, 8, 3)
    assert pixels[:, -1].mean() > 250 and pixels[:, 0].mean() < 5


def test_a_large_photograph_comes_smaller_and_never_below_what_is_asked_for() -> None:
    data = encoded(picture(side=512), "JPEG")
    assert decoded(data, "photo").shape == (512, 512, 3)
    assert decoded(data, "photo", side=100).shape == (128, 128, 3)


def test_the_kind_is_told_by_the_contents_and_not_by_the_name() -> None:
    assert decoded(encoded(picture(), "PNG"), "really-a-png.jpg").shape == (24, 24, 3)


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_said_in_one_sentence(data: bytes) -> None:
    with pytest.raises(BrokenPicture, match=r"^pear\.jpg .*; .*\.$"):
        decoded(data, "pear.jpg")


@given(
    st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA"]),
    st.randoms(use_true_random=False),
)
def test_a_damaged_file_is_a_picture_or_a_sentence_and_nothing_else(
    format: str, draws: random.Random
) -> None:
    data = bytearray(encoded(picture(), format))
    for _ in range(draws.randint(1, 8)):
        data[draws.randrange(len(data))] = draws.randrange(256)
    cut = bytes(data[: draws.randint(1, len(data))])
    for each in (bytes(data), cut):
        try:
            pixels = decoded(each, "damaged")
        except BrokenPicture:
            continue
        assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3


def _png_of(width: int, height: int) -> bytes:
    """Return a PNG that claims to be so large, in a few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def test_a_file_that_claims_gigabytes_is_refused_before_it_is_unpacked() -> None:
    side = 40_000
    assert side * side > MOST_PIXELS
    with pytest.raises(BrokenPicture, match=r"bomb\.png (claims|is damaged)"):
        decoded(_png_of(side, side), "bomb.png")
    with pytest.raises(BrokenPicture, match=r"bomb\.png claims to have 20,000 x 7,000 pixels"):
        decoded(_png_of(20_000, 7_000), "bomb.png")


def test_formats_that_start_programs_are_never_tried() -> None:
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n"
    assert Image.open(io.BytesIO(postscript)).format == "EPS"
    with pytest.raises(BrokenPicture, match="is no picture of a kind"):
        decoded(postscript, "drawing.eps")
