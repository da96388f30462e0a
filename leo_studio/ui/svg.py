"""What QSvgGenerator leaves to do: clipping, and lines as wide as they are in every program.

Its SVG 1.1 clips what comes after a text by that text's rectangle (Qt 6.10), so plots say by marks
in the drawing what is clipped, and the marks are replaced afterwards.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from xml.etree import ElementTree

from pyqtgraph import ViewBox
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

_SVG = "http://www.w3.org/2000/svg"
_CLIP, _END = "clip to", "clip no more"
_FIRST, _LAST = -1e12, 1e12  # in the order of painting


@contextmanager
def marked_clips(boxes: Sequence[ViewBox]) -> Iterator[None]:
    """Have plots paint where in the drawing their contents begin and end, for `portable_svg`."""
    marks = [_Mark(box, depth) for box in boxes for depth in (_FIRST, _LAST)]
    try:
        yield
    finally:
        for mark in marks:
            mark.scene().removeItem(mark)


class _Mark(QGraphicsItem):
    """Writes into the drawing that what a plot shows begins or ends here."""

    def __init__(self, box: ViewBox, depth: float) -> None:
        super().__init__(box.childGroup)
        self._box = box
        self.setZValue(depth)

    def boundingRect(self) -> QRectF:
        """Return what is seen of the plot, or Qt would not paint the mark."""
        return QRectF(self._box.viewRect())

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint the mark."""
        area = painter.worldTransform().mapRect(self.boundingRect())
        numbers = f"{area.x():.2f} {area.y():.2f} {area.width():.2f} {area.height():.2f}"
        text = f"{_CLIP} {numbers}" if self.zValue() == _FIRST else _END
        painter.drawText(self.boundingRect().topLeft(), text)


def portable_svg(svg: bytes) -> bytes:
    """Return a drawing of QSvgGenerator that every program shows alike.

    Contents of plots are clipped where `marked_clips` says so. Lines get the drawing's own
    coordinates: browsers and Inkscape keep a line's width under a transformation, others draw it
    as wide as the axes are stretched.
    """
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(svg)
    _clip(root)
    for group in root.iter(_tag("g")):
        matrix = group.attrib.pop("transform", "")
        for child in group if matrix else ():
            if child.tag != _tag("g") and not _is_mapped(child, matrix):
                child.set("transform", matrix)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _tag(name: str) -> str:
    return f"{{{_SVG}}}{name}"


def _clip(root: ElementTree.Element) -> None:
    """Put what is between two marks into a group that is clipped, and take the marks out."""
    drawing = root.find(_tag("g"))
    if drawing is None:
        return
    place = drawing
    for group in list(drawing):
        mark = next((text for text in group.iter(_tag("text")) if _is_mark(text)), None)
        if mark is None:
            if place is not drawing:
                drawing.remove(group)
                place.append(group)
            continue
        text = "".join(mark.itertext()).strip()
        position = list(drawing).index(group)
        drawing.remove(group)
        if text == _END:
            place = drawing
            continue
        x, y, width, height = text.removeprefix(_CLIP).split()
        name = f"plot-{position}"
        clip = ElementTree.Element(_tag("clipPath"), id=name)
        ElementTree.SubElement(clip, _tag("rect"), x=x, y=y, width=width, height=height)
        place = ElementTree.Element(_tag("g"), {"clip-path": f"url(#{name})"})
        drawing.insert(position, clip)
        drawing.insert(position + 1, place)


def _is_mark(text: ElementTree.Element) -> bool:
    return "".join(text.itertext()).strip().startswith((_CLIP + " ", _END))


def _is_mapped(shape: ElementTree.Element, matrix: str) -> bool:
    """Map a shape whose line is not stretched; False for what has none, such as a text."""
    if shape.get("vector-effect") != "non-scaling-stroke":
        return False
    if shape.tag == _tag("rect"):
        x, y, width, height = (
            float(shape.attrib.pop(name)) for name in ("x", "y", "width", "height")
        )
        right, bottom = x + width, y + height
        shape.tag = _tag("path")
        shape.set("d", f"M{x},{y} L{right},{y} L{right},{bottom} L{x},{bottom} Z")
    names = {"d", "points"} & set(shape.keys())
    for name in names:
        shape.set(name, _mapped(shape.attrib[name], matrix))
        del shape.attrib["vector-effect"]
    return bool(names)


def _mapped(points: str, matrix: str) -> str:
    a, b, c, d, e, f = map(float, matrix.removeprefix("matrix(").removesuffix(")").split(","))

    def mapped(pair: re.Match[str]) -> str:
        x, y = float(pair[1]), float(pair[2])
        return f"{a * x + c * y + e:.7g},{b * x + d * y + f:.7g}"

    return re.sub(r"([-+.\de]+),([-+.\de]+)", mapped, points)
