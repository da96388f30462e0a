"""A person's own classes and queries among the codes of episodes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.classifying.records import Answers, LeaveOneOut, Threshold
from engine.projection import Embedding, LinearBasis, fit_lda, fit_pca
from leo_studio.analysis.latents.exported import exported_latents
from leo_studio.analysis.latents.options import Options
from leo_studio.analysis.latents.projected import (
    Projected,
    codes_to_embed,
    embedded,
    extent,
    project_linearly,
)
from leo_studio.analysis.latents.remembered import Look, from_plain, to_plain
from leo_studio.analysis.latents.sentences import key_words, shown_words
from leo_studio.analysis.latents.tried import tried_points, why_no_tried
from leo_studio.figures.drawing import Look as FigureLook
from leo_studio.figures.drawing import draw
from leo_studio.figures.tables import length_of
from leo_studio.services.try_records import Example, TriedCodes, TryResult
from tests.leo_studio.analysis.latents.made import made_latents

LATENTS = made_latents(step=40)


def made_tried(queries: int = 4, run_id: str = "a", step: int = 40, size: int = 5) -> TriedCodes:
    """Two classes and some queries, of which every second one is none of these."""
    generator = np.random.default_rng(1)
    shares = np.linspace(0.1, 0.9, queries)
    answers = Answers(
        ("hawk", "owl"),
        np.stack([shares, 1 - shares], 1).astype(np.float32),
        Threshold(0.8, "By hand."),
        0,
        np.empty(0, np.float32),
        np.empty(0, np.float32),
        generator.normal(size=(queries, size)).astype(np.float32),
        generator.normal(size=(2, size)).astype(np.float32),
    )
    none = np.empty(0, np.int64)
    result = TryResult(
        run_id,
        step,
        (0, 2),
        tuple(Example(f"drawing {number}") for number in range(queries)),
        answers,
        LeaveOneOut(none, none, np.empty(0, np.float32)),
    )
    return TriedCodes(result, (0, 3))


def bases() -> list[LinearBasis]:
    flat = LATENTS.codes[:, 2].reshape(-1, 5)
    return [fit_pca(flat), fit_lda(flat, LATENTS.classes.reshape(-1))]


def bent() -> Projected:
    codes = codes_to_embed(LATENTS)
    return embedded(LATENTS, Embedding("tsne", codes[:, :2].astype(float), ("1", "2"), "made"))


@pytest.mark.parametrize("basis", bases(), ids=["pca", "lda"])
def test_each_lies_where_the_shown_axes_put_its_code(basis: LinearBasis) -> None:
    tried, shown = made_tried(), project_linearly(LATENTS, basis)
    points = tried_points(tried, shown, Options())
    assert points is not None
    answers = tried.result.answers
    assert np.array_equal(points.classes, basis.project(answers.class_codes))
    assert np.array_equal(points.queries, basis.project(answers.codes))
    assert points.places.tolist() == [0, 3] and points.winners.tolist() == [3, 3, 0, 0]
    assert points.is_none.tolist() == [False, True, True, False]
    low, high = extent(shown, points.all + np.array([100, 0]), with_outlines=False)
    assert high[0] == pytest.approx(points.all[:, 0].max() + 100) and (low < high).all()


def test_each_says_what_it_is_and_how_sure_the_run_is() -> None:
    points = tried_points(made_tried(), project_linearly(LATENTS, bases()[0]), Options())
    assert points is not None
    assert points.texts[0] == "hawk\nyour class, before adaptation"
    assert points.texts[2] == "drawing 0\nowl: 90.0 %\nyour query, as the one example of owl"
    assert points.texts[3].splitlines()[1] == "none of these, most like owl: 63.3 %"
    assert points.legend == "Yours: classes, queries"
    nobody = tried_points(made_tried(0), project_linearly(LATENTS, bases()[0]), Options())
    assert nobody is not None and nobody.legend == "Yours: classes" and nobody.all.shape == (2, 2)


@pytest.mark.parametrize(
    "tried",
    [None, made_tried(run_id="b"), made_tried(size=0), made_tried(size=4)],
    ids=["nothing", "another run", "no codes", "other codes"],
)
def test_only_codes_of_the_run_that_is_shown_have_a_place(tried: TriedCodes | None) -> None:
    shown = project_linearly(LATENTS, bases()[0])
    assert tried_points(tried, shown, Options()) is None
    assert why_no_tried(tried, bent(), Options()) == ""


def test_those_of_another_checkpoint_are_not_shown_and_it_is_said() -> None:
    tried, shown = made_tried(step=1041), project_linearly(LATENTS, bases()[0])
    assert tried_points(tried, shown, Options()) is None
    assert why_no_tried(tried, shown, Options()).endswith("Try it asks step 1,041")
    assert why_no_tried(tried, shown, Options(shows_tried=False)) == ""


def test_they_can_be_left_out_and_axes_that_have_no_place_for_them_say_so() -> None:
    tried, shown = made_tried(), project_linearly(LATENTS, bases()[0])
    without = Options(shows_tried=False)
    assert tried_points(tried, shown, without) is None
    assert tried_points(tried, bent(), Options()) is None
    assert "t-SNE has no axes" in shown_words(bent(), None, Options(), tried)[-1]
    assert why_no_tried(tried, bent(), without) == why_no_tried(tried, shown, Options()) == ""
    assert key_words(shown, 2, Options(), has_ring=False, has_tried=True).endswith("· edged: yours")


def test_whether_they_are_shown_is_remembered() -> None:
    look = Look(options=Options(shows_tried=False), picked=frozenset({"shows_tried"}))
    assert from_plain(json.loads(json.dumps(to_plain(look)))) == look
    old = to_plain(look) | {"options": {"color": "class"}}  # of a version that had no such option
    assert from_plain(old) == replace(look, options=Options())


@pytest.mark.parametrize("queries", [0, 4])
def test_the_exported_figure_and_its_numbers_have_them(queries: int) -> None:
    shown = project_linearly(LATENTS, bases()[0])
    points = tried_points(made_tried(queries), shown, Options())
    exported = exported_latents(shown, 2, Options(), tried=points)
    assert exported.figure is not None
    svg = draw(exported.figure, FigureLook(width=7, height=5), "svg").decode()
    assert "yours: owl" in svg
    table = exported.tables[-1]
    assert table.name == "yours" and length_of(table) == 2 + queries
    assert list(table.columns["name"])[:2] == ["hawk", "owl"]
