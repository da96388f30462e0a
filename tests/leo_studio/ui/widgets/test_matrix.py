from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio.ui.widgets.colors import diverging_color, sequential_color
from leo_studio.ui.widgets.matrix import MatrixView
from leo_studio.ui.widgets.theme import ThemeManager

MANY = 60  # more than are painted cell by cell


@pytest.fixture
def matrix(themes: ThemeManager, qtbot: QtBot) -> Iterator[MatrixView]:
    made = MatrixView(themes, "a matrix", lambda row, column: f"{row} taken for {column}")
    made.resize(500, 400)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    qtbot.waitUntil(lambda: not Shiboken.isValid(made))


def fill(matrix: MatrixView, count: int, name: str = "class") -> NDArray[np.float64]:
    values = np.random.default_rng(count).random((count, count))
    names = [f"{name} {place}" for place in range(count)]
    texts = [["7"] * count] * count
    matrix.show_matrix(values, texts, names, ("true", "taken for"))
    return values


def middle(matrix: MatrixView, row: int, column: int) -> QPoint:
    return matrix.rect_of(row, column).center().toPoint()


@pytest.mark.parametrize("count", [1, 2, 5, MANY])
def test_the_cell_under_the_mouse_is_the_one_that_is_painted_there(
    matrix: MatrixView, count: int
) -> None:
    fill(matrix, count)
    for row in range(count):
        for column in range(count):
            rect = matrix.rect_of(row, column)
            assert matrix.cell_at(rect.center()) == (row, column)
    last = matrix.rect_of(count - 1, count - 1)
    assert matrix.cell_at(last.bottomRight() + QPointF(5, 5)) is None
    assert matrix.cell_at(QPointF(1, 1)) is None


@pytest.mark.parametrize("count", [4, MANY])
def test_every_cell_has_the_colour_of_its_value(
    matrix: MatrixView, themes: ThemeManager, count: int
) -> None:
    values = fill(matrix, count)
    values[1, 2] = np.nan
    matrix.show_matrix(values, (), [f"c{place}" for place in range(count)], ("", ""))
    for theme in ("light", "dark"):
        themes.choose(theme)
        image = matrix.grab().toImage()
        for row, column in ((0, 0), (1, 2), (2, 1), (count - 1, 0), (3, count - 1)):
            expected = (
                QColor(themes.current.window)
                if np.isnan(values[row, column])
                else sequential_color(themes.current, values[row, column])
            )
            found = image.pixelColor(middle(matrix, row, column))
            for channel in ("red", "green", "blue"):
                difference = getattr(found, channel)() - getattr(expected, channel)()
                assert abs(difference) <= 1, (theme, row, column)


@pytest.mark.parametrize("count", [4, MANY])
def test_values_below_zero_have_colours_too(
    matrix: MatrixView, themes: ThemeManager, count: int
) -> None:
    matrix.colors = diverging_color
    matrix.show_matrix(np.full((count, count), -1.0), (), ["c"] * count, ("", ""))
    found = matrix.grab().toImage().pixelColor(middle(matrix, 0, 0))
    assert found.name() == themes.current.danger


def test_a_click_chooses_a_cell_and_beside_it_nothing(matrix: MatrixView) -> None:
    fill(matrix, 5)
    chosen: list[tuple[int, int]] = []
    matrix.chosen.connect(lambda row, column: chosen.append((row, column)))
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=middle(matrix, 3, 1))
    QTest.mouseClick(matrix, Qt.MouseButton.RightButton, pos=middle(matrix, 0, 0))
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert chosen == [(3, 1)]


def test_the_keyboard_walks_says_where_it_is_and_chooses(matrix: MatrixView) -> None:
    fill(matrix, 3)
    said: list[str] = []
    chosen: list[tuple[int, int]] = []
    matrix.pointed.connect(said.append)
    matrix.chosen.connect(lambda row, column: chosen.append((row, column)))
    keys = (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up)
    for key in keys:
        QTest.keyClick(matrix, key)
    places = [(1, 0), (1, 1), (1, 2), (1, 2), (0, 2)]  # it stops at the edge
    assert said == [f"{row} taken for {column}" for row, column in places]
    QTest.keyClick(matrix, Qt.Key.Key_Return)
    QTest.keyClick(matrix, Qt.Key.Key_Space)
    assert chosen == [(0, 2)] * 2
    fill(matrix, 2)
    QTest.keyClick(matrix, Qt.Key.Key_Return)
    assert chosen[-1] == (0, 1)  # within the smaller one


def test_an_empty_matrix_is_no_trouble(matrix: MatrixView, qtbot: QtBot) -> None:
    matrix.show_matrix(np.zeros((0, 0)), (), (), ("", ""))
    with qtbot.assertNotEmitted(matrix.chosen), qtbot.assertNotEmitted(matrix.pointed):
        QTest.mouseClick(matrix, Qt.MouseButton.LeftButton)
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
            QTest.keyClick(matrix, key)
    matrix.grab()


def test_names_of_narrow_columns_stand_upright(matrix: MatrixView) -> None:
    fill(matrix, 3)
    flat = matrix.rect_of(0, 0).top()
    fill(matrix, 20)
    assert matrix.rect_of(0, 0).top() > flat + matrix.fontMetrics().height()
    fill(matrix, 20, name="")  # short enough as they are
    assert matrix.rect_of(0, 0).top() == flat


def test_cells_have_all_of_their_texts_or_none(matrix: MatrixView, themes: ThemeManager) -> None:
    def is_written(row: int, column: int) -> bool:
        image = matrix.grab(matrix.rect_of(row, column).toRect().adjusted(1, 1, -1, -1)).toImage()
        shades = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
        return len(shades) > 2

    def show(count: int, longest: str) -> None:
        texts = [["1"] * count for _ in range(count)]
        texts[0][0] = longest
        names = [str(place) for place in range(count)]
        matrix.show_matrix(np.zeros((count, count)), texts, names, ("", ""))

    show(4, "123")
    assert is_written(0, 0) and is_written(2, 3)
    show(4, "a text that is longer than its cell is wide")
    assert not is_written(0, 0) and not is_written(2, 3)


def test_long_names_leave_most_of_the_room_to_the_cells(matrix: MatrixView) -> None:
    fill(matrix, 20, name="a name that is longer than anybody would like it to be " * 3)
    assert matrix.rect_of(0, 19).right() - matrix.rect_of(0, 0).left() > 0.55 * matrix.width()
    assert matrix.rect_of(19, 0).bottom() - matrix.rect_of(0, 0).top() > 0.55 * matrix.height()


def test_the_cells_fill_the_matrix_without_gaps(matrix: MatrixView) -> None:
    fill(matrix, 7)
    for one, other in pairwise(matrix.rect_of(0, column) for column in range(7)):
        assert one.right() == pytest.approx(other.left())
    assert matrix.rect_of(6, 6).right() < matrix.width()
    assert matrix.rect_of(6, 6).bottom() < matrix.height()


def test_a_matrix_of_hundreds_of_classes_is_painted(matrix: MatrixView) -> None:
    fill(matrix, 351)
    picture: QPixmap = matrix.grab()
    assert not picture.isNull() and matrix.cell_at(matrix.rect_of(350, 17).center()) == (350, 17)


def test_a_matrix_with_more_columns_than_rows_is_painted_pointed_at_and_walked_over(
    matrix: MatrixView, themes: ThemeManager
) -> None:
    values = np.random.default_rng(0).random((2, 5))
    texts = [[""] * 5] * 2
    columns = [f"{place}-shot" for place in range(5)]
    matrix.marked = (1, 4)
    matrix.show_matrix(values, texts, ["2-way", "5-way"], ("ways", "shots"), columns)
    picture = QPixmap(matrix.size())
    matrix.render(picture)
    image = picture.toImage()
    for (row, column), value in np.ndenumerate(values):
        place = middle(matrix, row, column)
        assert matrix.cell_at(QPointF(place)) == (row, column)
        color = sequential_color(themes.current, value)
        assert image.pixelColor(place).name() == color.name()
    frame = matrix.rect_of(1, 4).adjusted(2, 2, -2, -2).topLeft().toPoint()
    assert image.pixelColor(frame).name() == themes.current.text
    said: list[str] = []
    matrix.pointed.connect(said.append)
    for _ in range(9):
        QTest.keyClick(matrix, Qt.Key.Key_Right)
        QTest.keyClick(matrix, Qt.Key.Key_Down)
    assert said[-1] == "1 taken for 4"
