"""Latent codes as figures and tables, whatever is drawn of them."""

import itertools

import numpy as np
import pytest

from engine.projection import Embedding, fit_pca
from leo_studio.analysis.latents.exported import exported_latents
from leo_studio.analysis.latents.options import COLORS, PAPER, PATHS, SHAPES, Options
from leo_studio.analysis.latents.projected import codes_to_embed, embedded, project_linearly
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.records import Figure, Points
from leo_studio.figures.source import source_of
from leo_studio.figures.tables import flat_columns, length_of
from tests.leo_studio.analysis.latents.made import made_latents

LATENTS = made_latents(step=40)
SHOWN = project_linearly(LATENTS, fit_pca(LATENTS.codes[:, 2]))
LOOK = Look(width=7, height=5)


def figure_of(color: str, shape: str, paths: str) -> Figure:
    options = Options(color, shape, paths, True, True, True, True)  # type: ignore[arg-type]
    figure = exported_latents(SHOWN, 2, options).figure
    assert figure is not None
    return figure


def says_what_it_shows(text: str, color: str, shape: str) -> bool:
    words = " ".join(text.split())
    return (
        "a run, step 40: 12 val episodes" in words
        and "of variance), code units" in words
        and "50 and 95" in words
        and "sampled codes" in words
        and ("class 3" in words) == ("class" in (color, shape))
        and ("episode accuracy after" in words) == (color == "accuracy")
    )


def test_everything_that_can_be_chosen_makes_a_program() -> None:
    for color, shape, paths in itertools.product(COLORS, SHAPES, PATHS):
        source = source_of(figure_of(color, shape, paths), LOOK.style, LOOK.width)
        program = "\n".join(source.statements)
        compile(program, "figure.py", "exec")
        told = program.replace("\\n", " ")
        assert says_what_it_shows(told, color, shape), (color, shape, paths)


@pytest.mark.parametrize(("place", "color"), list(enumerate(COLORS)))
def test_whatever_two_things_are_chosen_together_can_be_drawn(place: int, color: str) -> None:
    # Every shape with all paths, one after another in turn, so that all pairs of choices are drawn.
    for turn, shape in enumerate(SHAPES):
        paths = list(PATHS)[(place + turn) % len(PATHS)]
        svg = draw(figure_of(color, shape, paths), LOOK, "svg").decode()
        assert says_what_it_shows(svg, color, shape), (shape, paths)


def test_the_papers_figure_names_its_stages() -> None:
    figure = exported_latents(SHOWN, 2, PAPER).figure
    assert figure is not None
    svg = draw(figure, LOOK, "svg").decode()
    assert ">before<" in svg and ">inner 2<" in svg


def test_an_embedding_has_no_axes_and_no_ellipses() -> None:
    points = codes_to_embed(LATENTS)[:, :2].astype(float)
    labels = ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")
    shown = embedded(LATENTS, Embedding("tsne", points, labels, "made"))
    exported = exported_latents(shown, 1, Options(shows_most=True))
    assert [table.name for table in exported.tables] == ["codes", "distributions"]
    assert "ellipses" not in exported.title


def test_codes_have_a_row_for_each_point_and_what_projects_them() -> None:
    codes, distributions, axes = exported_latents(SHOWN, 2, Options(), {103}).tables
    assert length_of(codes) == 72 and codes.facts["step"] == 40
    columns = {name: np.asarray(column) for name, column in codes.columns.items()}
    row = int(np.flatnonzero((columns["episode"] == 103) & (columns["way"] == 1))[0])
    assert columns["position"][row] == "before" and columns["x"][row] == SHOWN.path[3, 0, 1, 0]
    assert columns["class"][row] == LATENTS.class_names[LATENTS.classes[3, 1]]
    assert set(columns["episode"][columns["is_selected"]]) == {103}
    flat = flat_columns(axes)
    basis = np.stack([flat["axis_1"], flat["axis_2"]])
    points = (columns["code"] - np.asarray(flat["mean"])) @ basis.T
    assert points == pytest.approx(np.stack([columns["x"], columns["y"]], 1))
    np.testing.assert_array_equal(
        distributions.columns["deviation"], LATENTS.deviation.reshape(-1, 5)
    )


def test_trajectories_give_every_position_and_samples_theirs() -> None:
    options = Options(paths="trajectories", shows_samples=True)
    codes, _, _, samples = exported_latents(SHOWN, 3, options).tables
    assert length_of(codes) == 4 * 36
    after = np.array(samples.columns["position"]) == "after the inner loop"
    np.testing.assert_array_equal(
        np.asarray(samples.columns["code"])[after], LATENTS.sampled_after.reshape(-1, 5)
    )
    np.testing.assert_array_equal(
        np.asarray(samples.columns["x"])[~after], SHOWN.sampled_before[..., 0].reshape(-1)
    )


def test_codes_that_are_hidden_are_not_written_unless_a_trajectory_leads_through_them() -> None:
    hidden = Options(shows_before=False)
    rows = {
        place: set(exported_latents(SHOWN, place, hidden).tables[0].columns["position"])
        for place in (0, 2)
    }
    assert rows == {0: {"before"}, 2: {"inner 2"}}
    through = Options(shows_before=False, paths="trajectories")
    assert length_of(exported_latents(SHOWN, 2, through).tables[0]) == 3 * 36


def test_every_class_tells_before_from_after() -> None:
    latents = made_latents(episodes=30, classes=14)
    shown = project_linearly(latents, fit_pca(latents.codes[:, 2]))
    figure = exported_latents(shown, 2, Options(paths="none")).figure
    assert figure is not None
    points = [layer for layer in figure.plots[0].layers if isinstance(layer, Points)]
    looks = [(each.color, each.marker, each.is_hollow) for each in points if len(each.x)]
    assert len(set(looks)) == len(looks) == 28
