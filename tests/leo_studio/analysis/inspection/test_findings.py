import re
from dataclasses import replace

import numpy as np
import pytest

from engine.inspection.records import Inspection
from leo_studio.analysis.inspection.findings import class_names, headline, reasons
from tests.leo_studio.analysis.inspection.conftest import answered, true_classes


def test_the_headline_says_what_the_arrays_say(seen: Inspection) -> None:
    text = headline(seen)
    before, inner, tuned = (100 * seen.query_accuracy[0, place] for place in seen.stages)
    assert f"{before:.1f} % before, {inner:.1f} % after the inner loop" in text
    assert f"{tuned:.1f} % after fine-tuning" in text
    points = re.search(r"fine-tuning: ([+−]?[\d.]+) points on 112 queries", text)
    assert points is not None
    assert float(points[1].replace("−", "-")) == pytest.approx(tuned - before, abs=0.051)
    assert f"calibration error {100 * seen.calibration_error[0, 2]:.1f} %" in text


def test_queries_that_are_not_there_are_not_counted(ragged: Inspection) -> None:
    asked = int((ragged.query >= 0).sum())
    assert f"on {asked} queries" in headline(ragged)
    wrong = (true_classes(ragged) + 1) % 4
    text = " ".join(reasons(answered(ragged, true_classes(ragged), wrong)))
    assert f"moved {asked} queries from right to wrong" in text
    assert "100 % of its queries" in text


def test_what_adaptation_moved_is_said_with_where_it_went(seen: Inspection) -> None:
    true, names = true_classes(seen), class_names(seen)
    first, last = true.copy(), true.copy()
    last[0, :3] = 2  # right to wrong
    last[1, :2] = 3
    first[3, :4] = 0  # wrong to right
    text = " ".join(reasons(answered(seen, first, last)))
    assert f'moved 5 queries from right to wrong, 3 of them to class "{names[2]}"' in text
    assert f'It moved 4 queries from wrong to right, all of them of class "{names[3]}"' in text
    assert f'Most often "{names[0]}" is taken for "{names[2]}": 3 times, 11 % of its' in text


def test_a_single_query_is_said_as_one(seen: Inspection) -> None:
    true, names = true_classes(seen), class_names(seen)
    worse = true.copy()
    worse[2, 5] = 1
    lost = " ".join(reasons(answered(seen, true, worse)))
    assert f'Adaptation moved 1 query from right to wrong, to class "{names[1]}".' in lost
    assert f'"{names[2]}" is taken for "{names[1]}": once, 4 % of its queries.' in lost
    won = " ".join(reasons(answered(seen, worse, true)))
    assert f'Adaptation moved 1 query from wrong to right, of class "{names[2]}".' in won
    assert "from right to wrong" not in won


def test_an_adaptation_that_changes_nothing_is_said_to(seen: Inspection) -> None:
    true = true_classes(seen)
    sentences = reasons(answered(seen, true, true))
    assert sentences[0] == "Adaptation changed no prediction between right and wrong."
    assert "Every query is right after fine-tuning." in sentences


@pytest.mark.parametrize("factor", [3.0, 0.25])
def test_weights_that_grew_or_shrank_most_are_named(seen: Inspection, factor: float) -> None:
    norms = np.ones_like(seen.weight_norms)
    norms[0, -1, :] = (1.1, 1.0, factor, 0.9)
    text = " ".join(reasons(replace(seen, weight_norms=norms)))
    assert f'"{class_names(seen)[2]}" went from a norm of 1.00 to {factor:.2f}' in text
    steady = " ".join(reasons(replace(seen, weight_norms=np.ones_like(norms))))
    assert "largest change" not in steady


def test_the_closest_weights_are_never_those_of_one_class(seen: Inspection) -> None:
    cosines = np.tile(np.eye(4, dtype=np.float32) - 0.5, (1, seen.codes.shape[1], 1, 1))
    cosines[0, -1, 1, 3] = cosines[0, -1, 3, 1] = -0.2
    text = " ".join(reasons(replace(seen, weight_cosines=cosines)))
    names = class_names(seen)
    assert f'those of "{names[1]}" and "{names[3]}", at a cosine of −0.20' in text
