import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from leo_studio.analysis.episodes.exported import exported_episodes
from leo_studio.analysis.episodes.filter import (
    FIELDS,
    example,
    has_class,
    is_understood,
    matching,
)
from leo_studio.figures.saving import save
from tests.leo_studio.tables import random_table

TABLE = random_table(60)
COMPARISONS = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}


@given(st.text())
def test_whatever_is_typed_is_understood_or_refused_in_a_sentence(text: str) -> None:
    try:
        mask = matching(text, TABLE)
    except BadInput as error:
        sentence = str(error)
        assert example(TABLE.class_names) in sentence or "; " in sentence
        assert len(sentence) < 160
    else:
        assert mask.shape == (60,) and mask.dtype == bool


@given(
    field=st.sampled_from(sorted(FIELDS)),
    comparison=st.sampled_from(sorted(COMPARISONS)),
    number=st.floats(-1, 1),
    other=st.sampled_from(sorted(FIELDS)),
)
def test_an_expression_means_what_numpy_would_say(
    field: str, comparison: str, number: float, other: str
) -> None:
    compare, one, two = COMPARISONS[comparison], FIELDS[field](TABLE), FIELDS[other](TABLE)
    text = f"{field} {comparison} {number:.6f} and not ({other} - 2 * {field} > 0)"
    expected = compare(one, float(f"{number:.6f}")) & ~(two - 2 * one > 0)
    np.testing.assert_array_equal(matching(text, TABLE), expected)


def test_shares_may_be_written_as_percentages_and_comparisons_chained() -> None:
    accuracy = TABLE.accuracies[:, 2]
    expected = (accuracy > 0.65) & (accuracy < 0.75)
    np.testing.assert_array_equal(matching("65% < accuracy < 75 %", TABLE), expected)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("accuracy > 0,65", "accuracy > 0.65"),
        ("gain >,05", "gain > 0.05"),
        ("62,5% < accuracy", "0.625 < accuracy"),
        ("loss > 1e-1", "loss > 0.1"),
    ],
)
def test_a_comma_begins_the_decimals_too(text: str, same: str) -> None:
    np.testing.assert_array_equal(matching(text, TABLE), matching(same, TABLE))
    with pytest.raises(BadInput, match="It is not complete"):
        matching("loss > 1,000.5", TABLE)


def test_numbers_inside_names_stay_as_they_are() -> None:
    named = replace(TABLE, class_names=("1,5 50%", *TABLE.class_names[1:]))
    expected = (TABLE.classes == 0).any(1)
    assert expected.any()
    np.testing.assert_array_equal(matching('has("1,5") and has("50%")', named), expected)


@pytest.mark.parametrize(
    "text", ['has("class-03")', "class == 'CLASS-03'", 'classes has "s-03"', 'class="class-03"']
)
def test_classes_are_found_by_name_however_it_is_written(text: str) -> None:
    expected = (TABLE.classes == 3).any(1)
    assert expected.any() and not expected.all()
    np.testing.assert_array_equal(matching(text, TABLE), expected)
    np.testing.assert_array_equal(matching('class != "class-03"', TABLE), ~expected)
    np.testing.assert_array_equal(has_class(TABLE, "class-03"), expected)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("gain <", "not complete"),
        ("gian < 0", 'There is no "gian". For example: accuracy < 60 and has("class-00")'),
        ("pear-99 and accuracy < 70", 'There is no "pear-99". '),
        ("gain", "compares nothing"),
        ("s-0 and loss < 1", 'There is no column "s-0"; for a class write has("s-0")'),
        ("accuracy below 60 percent", "write accuracy < 60"),
        ("accuracy is at least 60% and gain under 0", "write accuracy >= 60% and gain < 0"),
        ("gain and loss", "is a number, not a comparison"),
        ("(gain < 0) < 1", "is a comparison, not a number"),
        ("__import__('os').system('true') == 0", "means nothing here"),
        ("gain in [1]", "means nothing here"),
        ("(gain).real > 0", "means nothing here"),
        ("has(1)", "means nothing here"),
        ("1 < 2 is 3", "Numbers are compared with"),
    ],
)
def test_what_is_not_understood_is_named(text: str, why: str) -> None:
    with pytest.raises(BadInput) as error:
        matching(text, TABLE)
    assert why in str(error.value)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("accuracy < 60", "accuracy < 0.6"),
        ("accuracy < 60", "accuracy < 60%"),
        ("40 < accuracy <= 60", "0.4 < accuracy <= 0.6"),
        ("gain < -5", "gain < -5%"),
        ("abs(gain) > 5", "abs(gain) > 5%"),
        ("accuracy > before + 10", "accuracy > before + 10%"),
        ("accuracy - before > 10", "gain > 10%"),
        ("accuracy >= 1", "accuracy == 100%"),
        ("accuracy < 150%", "accuracy < 1.5 * 1"),
        ("100 * accuracy < 60", "accuracy < 60"),
        ("calibration > 12.5", "calibration > 12.5%"),
    ],
)
def test_what_is_shown_in_percent_is_compared_with_percent(text: str, same: str) -> None:
    np.testing.assert_array_equal(matching(text, TABLE), matching(same, TABLE))


def test_other_numbers_stay_as_they_are() -> None:
    np.testing.assert_array_equal(matching("number < 50", TABLE), TABLE.numbers < 50)
    np.testing.assert_array_equal(matching("loss > 1.2", TABLE), TABLE.losses[:, 2] > 1.2)


@pytest.mark.parametrize("text", ["class-03", "  CLASS-03 ", "s-03", "03"])
def test_a_name_alone_searches_classes(text: str) -> None:
    expected = (TABLE.classes == 3).any(1)
    np.testing.assert_array_equal(matching(text, TABLE), expected)


def test_a_name_that_no_class_has_is_refused_with_a_class_that_there_is() -> None:
    with pytest.raises(BadInput, match=r'No class has that name.*has\("class-00"\)'):
        matching("glyph-165", TABLE)
    assert example(['a"b', "plum", "fig"]).endswith('and has("fig")')
    assert example([]).endswith('and has("pear")')


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("class-03 and accuracy < 70", 'has("class-03") and accuracy < 70'),
        ("accuracy < 70 and not (CLASS-03 or class-04)", None),
        ("class-03 and class-04", 'has("class-03") and has("class-04")'),
        ("has(class-03) and loss < 1", 'has("class-03") and loss < 1'),
        ("class != class-03 and loss < 1", 'not has("class-03") and loss < 1'),
    ],
)
def test_the_whole_name_of_a_class_needs_no_quotes_in_a_formula(
    text: str, same: str | None
) -> None:
    same = same or 'accuracy < 70 and not (has("class-03") or has("class-04"))'
    np.testing.assert_array_equal(matching(text, TABLE), matching(same, TABLE))
    assert is_understood(text)  # also before there are classes: it comes back after a restart


def test_classes_that_are_called_like_columns_and_numbers_change_nothing() -> None:
    names = ("5", "loss", "and", "1e-1", "60%", "accuracy-gain", "has", "red fox", "red", "fox")
    named = replace(TABLE, class_names=(*names, *TABLE.class_names[len(names) :]))
    for text in ("loss < 0.5 and accuracy < 60%", "loss > 1e-1", "accuracy-gain > 5", "5 < number"):
        np.testing.assert_array_equal(matching(text, named), matching(text, TABLE))
    expected = (named.classes == names.index("red fox")).any(1) & (named.losses[:, 2] < 1)
    np.testing.assert_array_equal(matching("red fox and loss < 1", named), expected)


def test_an_empty_filter_means_all() -> None:
    assert matching("  ", TABLE).all()


def test_episodes_are_written_in_the_order_that_is_shown(tmp_path: Path) -> None:
    rows = np.array([5, 2, 40])
    save(tmp_path / "some.csv", exported_episodes(TABLE, rows))
    with (tmp_path / "some.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [int(row["number"]) for row in read] == [5, 2, 40]
    assert [float(row["gain"]) for row in read] == TABLE.gains[rows].tolist()
    names = [TABLE.class_names[label] for label in TABLE.classes[5].tolist()]
    assert read[0]["classes"] == ", ".join(names)
    assert [path.name for path in tmp_path.iterdir()] == ["some.csv"]
