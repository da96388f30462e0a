"""The numbers of a study's table, against scipy's tests and against simulated studies."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.evaluation.statistics import holm
from engine.runs.library import Library
from engine.studies.cells import cells_of
from engine.studies.standing import Standing
from engine.studies.table import Contrast, Measured, contrast, table_of
from leo_studio.analysis.study_tables import header, notes, numbers
from leo_studio.analysis.study_tables import rows as rows_of
from tests.engine.studies.conftest import MakeStudy


def test_without_seeds_it_is_the_paired_t_test_over_episodes() -> None:
    generator = np.random.default_rng(0)
    one, other = generator.normal(0.6, 0.1, (2, 1, 50))
    found = contrast(Measured(one, False), Measured(other, False))
    expected = stats.ttest_rel(one[0], other[0])
    assert found.p_value == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval()
    assert found.ci95 == pytest.approx((high - low) / 2)
    assert found.difference == pytest.approx((high + low) / 2)
    assert found.knows_seeds


def test_where_episodes_are_all_alike_it_is_welchs_test_over_seeds() -> None:
    generator = np.random.default_rng(1)
    one, other = generator.normal(0.6, 0.02, (5, 1)), generator.normal(0.62, 0.005, (4, 1))
    spread = [np.broadcast_to(each, (len(each), 100)) for each in (one, other)]
    found = contrast(*(Measured(each, True) for each in spread))
    expected = stats.ttest_ind(one[:, 0], other[:, 0], equal_var=False)
    assert found.p_value == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval()
    assert found.ci95 == pytest.approx((high - low) / 2)


def test_one_seed_knows_nothing_of_others() -> None:
    accuracies = np.random.default_rng(2).normal(0.5, 0.1, (1, 20))
    other = Measured(accuracies + 0.01 * np.arange(20), False)
    assert not contrast(Measured(accuracies, True), other).knows_seeds


def test_no_difference_and_no_doubt() -> None:
    same = Measured(np.full((3, 10), 0.5), True)
    better = Measured(np.full((3, 10), 0.75), True)
    assert contrast(same, same) == Contrast(0.0, 0.0, 1.0, 1.0, knows_seeds=True)
    assert contrast(better, same) == Contrast(0.25, 0.0, 0.0, 0.0, knows_seeds=True)


@pytest.mark.parametrize(
    ("episodes_spread", "seeds_spread"), [(0.1, 0.01), (0.1, 0.0), (0.0, 0.02)]
)
def test_a_difference_that_is_none_is_rarely_found(
    episodes_spread: float, seeds_spread: float
) -> None:
    """Of studies without any difference about one in twenty finds one, or fewer."""
    generator = np.random.default_rng(3)
    found = 0
    for _ in range(1000):
        episodes = generator.normal(0, episodes_spread, 60)
        rows = [
            Measured(
                0.6
                + episodes  # which both rows meet
                + generator.normal(0, seeds_spread, (5, 1))
                + generator.normal(0, 0.03, (5, 60)),
                True,
            )
            for _ in range(2)
        ]
        found += contrast(*rows).p_value < 0.05
    assert found <= 65  # 50 expected, 7 their standard deviation


def test_a_difference_that_seeds_alone_make_is_not_found_by_episodes() -> None:
    """Two rows of five seeds each, far apart: many episodes do not make the seeds more."""
    generator = np.random.default_rng(4)
    seeds = np.array([[-0.03], [0.02], [0.0], [0.04], [-0.01]])
    one = Measured(0.61 + seeds + generator.normal(0, 0.05, (5, 5000)), True)
    other = Measured(0.60 - seeds + generator.normal(0, 0.05, (5, 5000)), True)
    assert contrast(one, other).p_value > 0.3
    alone = contrast(Measured(one.accuracies, False), Measured(other.accuracies, False))
    assert alone.p_value < 1e-6


def test_holm_is_as_in_the_paper() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_is_between_nothing_and_bonferroni(p_values: list[float]) -> None:
    corrected = holm(p_values)
    for before, after in zip(p_values, corrected, strict=True):
        assert before <= after <= min(1.0, len(p_values) * before) or math.isclose(before, after)
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0)


def test_learners_that_see_queries_together_have_a_column_of_their_own(
    make_study: MakeStudy, library: Library
) -> None:
    rows = [
        {"name": "Class mean", "set": {"learner.kind": "class_mean"}},
        {"name": "Soft k-means", "set": {"learner.kind": "soft_kmeans"}},
    ]
    study = make_study(rows=rows, against="Class mean")
    table = table_of(study, [Standing(cell) for cell in cells_of(study, library.experiment, "cpu")])
    beside = [f"{name}, queries together" for name in ("1-shot", "2-shot")]
    assert table.columns == ("1-shot", beside[0], "2-shot", beside[1])
    assert set(table.entries) == {
        *(("Class mean", name) for name in ("1-shot", "2-shot")),
        *(("Soft k-means", name) for name in beside),
    }
    assert header(table) == [
        "",
        "1-shot, %",
        "minus Class mean",
        f"{beside[0]}, %",
        "2-shot, %",
        "minus Class mean",
        f"{beside[1]}, %",
    ]
    assert rows_of(table) == [
        ["Class mean", "–", "", "", "–", "", ""],
        ["Soft k-means", "", "", "–", "", "", "–"],
    ]
    assert any("they are not compared with them" in note for note in notes(table))
    assert list(numbers(table).columns["row"]) == ["Class mean"] * 2 + ["Soft k-means"] * 2


def test_a_table_without_them_has_the_studys_columns(
    make_study: MakeStudy, library: Library
) -> None:
    study = make_study()
    table = table_of(study, [Standing(cell) for cell in cells_of(study, library.experiment, "cpu")])
    assert table.columns == ("1-shot", "2-shot")
    assert not any("at once" in note for note in notes(table))
