"""Figures are drawn as their scripts draw them, and texts stay texts."""

import io
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from leo_studio.figures.drawing import Look, Picture, draw
from leo_studio.figures.records import (
    Band,
    Boxes,
    Figure,
    Histogram,
    Layer,
    Line,
    LineStyle,
    Marker,
    Plot,
    Points,
    Rule,
)
from leo_studio.figures.script import script_of
from leo_studio.figures.styles import PAPER, SCREEN
from tests.leo_studio.figures.pictured import every_layer

_LOOK = Look(SCREEN, 7.0, 6.0, 1.0)
_X = np.arange(3.0)


@pytest.fixture(scope="module")
def drawn() -> dict[Picture, bytes]:
    """Every kind of layer in every kind of file, drawn once."""
    return {kind: draw(every_layer(), _LOOK, kind) for kind in get_args(Picture)}


def _texts(svg: bytes) -> set[str]:
    return {"".join(each.itertext()).strip() for each in ElementTree.fromstring(svg).iter()}


def _image(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def test_texts_of_a_drawing_are_texts(drawn: dict[Picture, bytes]) -> None:
    texts = _texts(drawn["svg"])
    assert {
        'a "quoted" \\ name',
        "Loss of $x$ and $y$",
        "PC 1",
        "95 %",
        "90%",
        "Run glyphs",
    } <= texts
    assert "1 glyphs-5way-1shot" in texts


def test_a_pdf_holds_letters_and_no_date() -> None:
    pdf = draw(every_layer(), replace(_LOOK, style=PAPER), "pdf")
    assert (
        pdf.startswith(b"%PDF")
        and b"/ToUnicode" in pdf
        and b"/CIDFontType2" in pdf
        and b"CreationDate" not in pdf
    )


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_an_image_has_the_size_that_was_chosen(scale: float) -> None:
    look = replace(_LOOK, scale=scale)
    png = draw(Figure([Plot([Line(_X, _X)])]), look, "png")
    assert _image(png).shape[1::-1] == look.pixels == (700 * scale, 600 * scale)


def test_a_background_is_left_out_where_that_is_wanted() -> None:
    def opacity(is_transparent: bool) -> np.ndarray:
        """Return how opaque each pixel is, (h, w)."""
        bar = Histogram(np.arange(2.0), np.ones(1))
        figure = Figure([Plot([bar], x_range=(0.0, 9.0), y_range=(0.0, 9.0))])
        png = draw(figure, Look(SCREEN, 3.0, 2.0, 1.0), "png", is_transparent=is_transparent)
        with Image.open(io.BytesIO(png)) as image:
            return np.asarray(image.convert("RGBA").getchannel("A"))

    left_out = opacity(is_transparent=True)
    # Both around the axes and between them.
    assert left_out[0, 0] == 0 and 0.7 < (left_out == 0).mean() < 1
    assert (opacity(is_transparent=False) == 255).all()


def test_styles_differ_in_letters_and_colours(drawn: dict[Picture, bytes]) -> None:
    screen, paper = drawn["svg"], draw(every_layer(), replace(_LOOK, style=PAPER), "svg")
    assert b"serif" in paper and b"DejaVu Sans" not in paper and SCREEN.text.encode() not in paper
    assert SCREEN.text.encode() in screen


def test_the_same_figure_gives_the_same_bytes_also_on_two_threads(
    drawn: dict[Picture, bytes],
) -> None:
    wanted: tuple[tuple[Picture, ...], ...] = (("svg", "pdf"), ("png",))
    found: list[list[bytes]] = [[], []]

    def work(place: int) -> None:
        found[place] = [draw(every_layer(), _LOOK, kind) for kind in wanted[place]]

    threads = [threading.Thread(target=work, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[drawn[kind] for kind in kinds] for kinds in wanted]


def test_settings_of_the_program_stay_as_they_were() -> None:
    before = dict(mpl.rcParams)
    draw(Figure([Plot([Line(_X, _X)])]), replace(_LOOK, style=PAPER), "png")
    assert dict(mpl.rcParams) == before


def test_pyplot_which_keeps_every_figure_stays_away() -> None:
    program = (
        "import sys; from tests.leo_studio.figures.pictured import every_layer;"
        "from leo_studio.figures.drawing import Look, draw; draw(every_layer(), Look(), 'png');"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", program], cwd=root).returncode == 0


def test_a_script_draws_what_was_seen(tmp_path: Path, drawn: dict[Picture, bytes]) -> None:
    script = script_of(every_layer(), _LOOK, "Run glyphs, step 30", "codes")
    assert "# Run glyphs, step 30. Exported by LEO Studio" in script
    assert "# figure.savefig('codes.pdf')" in script
    saved = script.replace("plt.show()", "figure.savefig('figure.png')")
    (tmp_path / "figure.py").write_text(saved, encoding="utf-8")
    environment = {**os.environ, "MPLBACKEND": "agg"}
    subprocess.run(
        [sys.executable, "-W", "error", "figure.py"], cwd=tmp_path, env=environment, check=True
    )
    seen = _image(drawn["png"]).astype(int)
    scripted = _image((tmp_path / "figure.png").read_bytes()).astype(int)
    # Numbers in a script have seven digits: some edge may be a shade lighter.
    assert seen.shape == scripted.shape and np.abs(seen - scripted).max() <= 2


def test_long_rows_of_numbers_are_short_in_a_script() -> None:
    steps = np.arange(10.0, 10_000.0, 10.0)
    script = script_of(Figure([Plot([Line(steps, np.sqrt(steps))])]), _LOOK)
    assert "np.arange(10, 10000, 10)" in script
    assert max(len(line) for line in script.splitlines()) < 150


def test_what_is_no_number_is_left_out() -> None:
    nothing = np.full(3, np.nan)
    layers: list[Layer] = [
        Line(nothing, nothing, "class"),
        Rule(x=float("nan"), label="mean"),
        Rule(y=1.0),
    ]
    for figure in (Figure([Plot(layers)]), Figure([Plot([Line(_X[:0], _X[:0], "none")])])):
        assert draw(figure, _LOOK, "svg")
        compile(script_of(figure, _LOOK), "figure.py", "exec")


@settings(max_examples=20, deadline=None)
@given(label=st.text(max_size=20), values=st.lists(st.floats(width=32), min_size=1, max_size=5))
@example(label="", values=[np.inf, np.inf, 0.0, 0.0])
def test_any_words_and_numbers_make_a_program(label: str, values: list[float]) -> None:
    numbers = np.array(values)
    figure = Figure([Plot([Line(_X, _X, label), Line(numbers, numbers, label)], label, label)])
    source = script_of(figure, _LOOK, label, label)
    compile(source, "figure.py", "exec")


@pytest.mark.parametrize("is_band", [False, True])
def test_layers_lie_upon_one_another_in_their_order(is_band: bool) -> None:
    ends, ones = np.array([0.0, 1.0]), np.ones(2)
    line = Line(ends, ones, color=0, width=40.0)
    spot = Points(ends[:1] + 0.5, ones[:1], color=1, size=10.0)
    band = Band(ends, ones - 9, ones + 9, color=1, opacity=1.0)
    over = band if is_band else spot

    def middle(*layers: Layer) -> str:
        plot = Plot(layers, x_range=(0.0, 1.0), y_range=(0.0, 2.0))
        image = _image(draw(Figure([plot]), Look(SCREEN, 4.0, 3.0, 1.0), "png"))
        colors, counts = np.unique(
            image[130:150, 200:230].reshape(-1, 3), axis=0, return_counts=True
        )
        return "#{:02x}{:02x}{:02x}".format(*colors[counts.argmax()])

    assert middle(line, over) == SCREEN.palette[1]
    assert middle(over, line) == SCREEN.palette[0]


def test_a_logarithmic_axis_without_a_positive_number_draws_without_a_warning() -> None:
    """A run at step 0 alone; `tests/hunts/monkey.py` found it."""
    nothing = Line(np.zeros(2), np.zeros(2))
    plot = Plot((nothing,), "", "step", "loss", is_x_logarithmic=True, is_y_logarithmic=True)
    assert draw(Figure((plot,)), _LOOK, "png")


@pytest.mark.parametrize("is_by_value", [False, True])
def test_hollow_markers_look_other_than_full_ones(is_by_value: bool) -> None:
    markers = get_args(Marker)

    def white_in_columns(is_hollow: bool) -> np.ndarray:
        layers = []
        for place, marker in enumerate(markers):
            x = np.full(1, float(place))
            points = Points(x, x, "", 1, marker, is_hollow, size=9.0, limits=(0.0, 6.0))
            layers.append(replace(points, values=x if is_by_value else None))
        plot = Plot(layers, x_range=(-0.5, len(markers) - 0.5), y_range=(-3.0, len(markers) + 2.0))
        image = _image(draw(Figure([plot]), Look(SCREEN, 14.0, 4.0, 1.0), "png"))
        white: np.ndarray = (image == 255).all(-1)
        return np.asarray(white.sum(0))

    gained = white_in_columns(is_hollow=True) - white_in_columns(is_hollow=False)
    places = np.flatnonzero(gained)
    columns_of_each = np.split(places, np.flatnonzero(np.diff(places) > 20) + 1)
    assert len(columns_of_each) == len(markers)
    assert all(gained[columns].sum() > 50 for columns in columns_of_each)


def test_line_styles_look_different() -> None:
    ends, ones = np.array([0.0, 1.0]), np.ones(2)
    drawn = {
        draw(Figure([Plot([Line(ends, ones, style=style)])]), Look(SCREEN, 4.0, 2.0, 1.0), "png")
        for style in get_args(LineStyle)
    }
    assert len(drawn) == len(get_args(LineStyle))


@pytest.mark.parametrize("name", ["_unk", "$x$ {0}", "\\alpha", "<b>", "{{ 7*7 }}", "100 %"])
def test_every_name_is_in_the_legend_as_it_is(name: str) -> None:
    layers: list[Layer] = [
        Line(_X, _X, label=name),
        Points(_X, _X, label="other"),
        Rule(x=1.0, label=f"{name}2"),
    ]
    figure = Figure([Plot(layers, title=name, x_label=name)])
    found = [text for text in _texts(draw(figure, _LOOK, "svg")) if text]
    assert {name, "other", f"{name}2"} <= set(found)


def test_boxes_stand_where_their_five_numbers_are() -> None:
    values = np.array([[1.0, 2.0, 4.0, 6.0, 9.0]])
    plot = Plot([Boxes(np.zeros(1), values, width=1.0)], x_range=(-0.5, 0.5), y_range=(0.0, 10.0))
    look = Look(replace(SCREEN, background="#ffffff", line_width=1.0), 4.0, 4.0, 1.0)
    image = _image(draw(Figure([plot]), look, "png")).astype(int)
    blue = np.abs(image - [0x00, 0x72, 0xB2]).sum(2) < 30
    middle = image.shape[1] // 2 + 20  # beside the whiskers' line
    rows = np.flatnonzero(blue[:, middle])
    whisker = np.flatnonzero(blue.sum(1) > 0)
    # The box reaches from 2 to 6 of 10; its line at 4 has the background's colour.
    height = (whisker[-1] - whisker[0]) / 8
    inside = rows[rows > whisker[0] + 1]
    inside = inside[inside < whisker[-1] - 1]
    assert len(inside) > 0
    assert (inside[0] - whisker[0]) / height == pytest.approx(3, abs=0.15)
    assert (inside[-1] - whisker[0]) / height == pytest.approx(7, abs=0.15)
    gap = np.flatnonzero(np.diff(inside) > 1)
    assert len(gap) == 1
    assert (inside[gap[0]] - whisker[0]) / height == pytest.approx(5, abs=0.2)


def test_places_have_names_instead_of_numbers() -> None:
    boxes = Boxes(np.arange(2.0), np.array([[1.0, 2.0, 4.0, 6.0, 9.0]] * 2))
    plot = Plot([boxes], x_names=["LEO", "Meta-SGD"])
    texts = _texts(draw(Figure([plot]), _LOOK, "svg"))
    assert {"LEO", "Meta-SGD"} <= texts and "0.5" not in texts
