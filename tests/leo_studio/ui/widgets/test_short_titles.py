"""Titles with little room go on telling runs apart."""

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from leo_studio.analysis.comparison.short_names import short_names
from leo_studio.ui.widgets.short_titles import short_title

TITLES = (
    "5-way 1-shot, leaves100, 400 outer steps, seed 0",
    "5-way 1-shot, leaves100, inner steps 8, 400 outer steps, seed 0",
    "5-way 1-shot, leaves100, 400 outer steps, seed 0 (2)",
)


def test_titles_that_begin_and_end_alike_differ_where_they_are_shortened(
    qapp: QApplication,
) -> None:
    metrics = QFontMetrics(qapp.font())
    longest = max(map(metrics.horizontalAdvance, TITLES))
    for room in range(longest // 2 + 20, longest, 7):
        short = [short_title(title, metrics, room) for title in TITLES]
        assert len(set(short)) == len(TITLES)
        assert all(metrics.horizontalAdvance(text) <= room for text in short)
        assert all(text.startswith("5-way") for text in short)
    assert [short_title(title, metrics, longest) for title in TITLES] == list(TITLES)


def test_one_long_word_is_shortened_in_its_middle(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    name = "glyphs-5way-1shot-" + 40 * "x" + "-20261101-101112"
    short = short_title(name, metrics, 200)
    assert short.startswith("glyphs") and short.endswith("112")
    assert metrics.horizontalAdvance(short) <= 200


def test_what_differs_in_the_middle_is_seen(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    titles = [
        f"5-shot regression, sine-line, {what}, 300 outer steps, seed 1"
        for what in ("inner learning rate 0.1", "inner learning rate 0.3")
    ]
    own = short_names(titles)
    longest = max(map(metrics.horizontalAdvance, titles))
    for room in range(metrics.horizontalAdvance(own[0]) // 2, longest, 7):
        short = [
            short_title(title, metrics, room, mine) for title, mine in zip(titles, own, strict=True)
        ]
        assert len(set(short)) == 2
        assert all(metrics.horizontalAdvance(text) <= room for text in short)
    assert short[0].startswith("5-shot regression") and short[0].endswith("0.1")


def test_words_stay_apart_whatever_room_there_is(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    title = "5-way 1-shot, seed 0"
    for room in range(metrics.horizontalAdvance(title) + 2):
        assert "way1" not in short_title(title, metrics, room)
