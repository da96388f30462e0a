"""Pictures inside the page: figures as SVG, whose texts are texts, and examples as small PNGs."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import matplotlib.image
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.records import Figure
from leo_studio.figures.styles import OKABE_ITO, SCREEN
from leo_studio.report.figures import Picture

COLORS: Final[Mapping[str, str]] = {
    SCREEN.text: "var(--ink)",
    SCREEN.muted: "var(--muted)",
    SCREEN.grid: "var(--grid)",
}
"""What the page's own colours take the place of."""
_STYLE = replace(
    SCREEN,
    palette=tuple(SCREEN.text if color == "#000000" else color for color in OKABE_ITO),
)
_XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r"font-family:[^;]*;?")
_LONG = re.compile(r"-?\d+\.\d{3,}")  # a hundredth of a point is less than a dot
_LARGEST = 96  # pixels of a thumbnail


def inline_svg(picture: Picture, name: str) -> Markup:
    """Return a figure as an SVG element for a page.

    Its colours are the page's own, so that they follow light and dark; its font is the page's too.

    Parameters
    ----------
    picture
        What is drawn.
    name
        A word that no other figure of the page has; names inside begin with it.
    """
    look = Look(_STYLE, picture.width, picture.height)
    svg = draw(Figure([picture.plot]), look, "svg", salt=name, is_transparent=True)
    root = ElementTree.fromstring(svg)
    referenced = set(_references(root))
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        attributes = dict(element.attrib)
        element.attrib.clear()
        for key, value in attributes.items():
            if key == "id":
                if value in referenced:
                    element.set("id", f"{name}-{value}")
            elif key == _XLINK:
                element.set("href", _renamed(value, name))
            elif key in ("d", "x", "y"):
                element.set(key, _LONG.sub(lambda found: f"{float(found[0]):.2f}", value))
            elif key == "style":
                element.set("style", _styled(_renamed(value, name)))
            else:
                element.set(key.rpartition("}")[2], _renamed(value, name))
    for parent in list(root.iter()):
        for child in [each for each in parent if each.tag in ("metadata", "style")]:
            parent.remove(child)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-label", "".join(letter for letter in picture.words if letter.isprintable()))
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def thumbnail(image: NDArray[np.uint8]) -> str:
    """Return an image (h, w, 1 or 3) as a data URI, at most some hundred pixels large."""
    step = -(-max(image.shape[:2]) // _LARGEST)
    if step > 1:
        height, width = (size // step * step for size in image.shape[:2])
        blocks = image[:height, :width].reshape(height // step, step, width // step, step, -1)
        image = blocks.mean((1, 3)).astype(np.uint8)
    buffer = io.BytesIO()
    colors = np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image
    matplotlib.image.imsave(buffer, colors, format="png")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _references(root: ElementTree.Element) -> list[str]:
    found = []
    for element in root.iter():
        for key, value in element.attrib.items():
            found += _REFERENCE.findall(value)
            if key in (_XLINK, "href") and value.startswith("#"):
                found.append(value[1:])
    return found


def _renamed(value: str, name: str) -> str:
    if value.startswith("#") and not re.fullmatch(r"#[0-9a-fA-F]{3,8}", value):
        return f"#{name}-{value[1:]}"
    return _REFERENCE.sub(rf"url(#{name}-\1)", value)


def _styled(style: str, colors: Mapping[str, str] = COLORS) -> str:
    style = _FONT.sub("", style)
    for color, variable in colors.items():
        style = re.sub(re.escape(color), variable, style, flags=re.IGNORECASE)
    return style.strip()
