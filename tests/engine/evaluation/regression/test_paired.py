import math

import numpy as np
import pytest
import torch

from engine.evaluation.regression.paired import paired_scores, well_known, why_not_paired
from engine.evaluation.regression.record import RegressionEvaluation
from engine.evaluation.regression.scoring import predictions, scores_by_task, summary
from engine.evaluation.statistics import half_width
from engine.io.generators import finished
from engine.tasks.regression import Prior, evaluation_tasks, limit_functions, limit_name, limit_of

PRIOR = Prior(("sine", "line"))
WHICH = (PRIOR, 5, 0, "test", 200, 20)
TASKS = evaluation_tasks(*WHICH)
LIMIT = finished(limit_of(PRIOR, TASKS))
FUNCTIONS = limit_functions(PRIOR, TASKS, 50)
NAMES = ("risk_ratio", "trimmed_risk_ratio", "log_likelihood")


def evaluation(shift: float, name: str = limit_name(*WHICH)) -> RegressionEvaluation:
    """Return an evaluation of the limit's functions, which are shifted."""
    found = predictions(FUNCTIONS + shift, torch.zeros(200, 50), TASKS, PRIOR)
    scores = summary(found, TASKS, LIMIT)
    kept = scores_by_task(found, LIMIT, name)
    return RegressionEvaluation(
        split="test", scores=scores, plain=scores, run="", checkpoint_step=1, per_task=kept
    )


def test_differences_are_those_of_the_scores() -> None:
    """The mean of differences is the difference of means, and the nearer one is the better."""
    near, far = evaluation(0.0), evaluation(0.5)
    found = {each.name: each for each in paired_scores(near, far)}
    assert tuple(found) == NAMES
    for name, sign in zip(NAMES, (-1, -1, 1), strict=True):
        mine, its = getattr(near.scores, name), getattr(far.scores, name)
        assert (found[name].one, found[name].other) == (mine, its)
        difference = found[name].difference
        assert difference.difference == pytest.approx(sign * (mine - its), rel=1e-4)
        assert difference.difference > 0 and difference.excludes_zero
    assert found["risk_ratio"].difference.episodes == 200
    assert found["trimmed_risk_ratio"].difference.episodes == 198
    back = {each.name: each.difference for each in paired_scores(far, near)}
    for name in NAMES:
        assert back[name].difference == -found[name].difference.difference
        assert back[name].ci95 == found[name].difference.ci95


def test_intervals_are_over_differences_of_tasks() -> None:
    near, far = evaluation(0.0), evaluation(0.5)
    assert near.per_task is not None and far.per_task is not None
    risks = np.array(near.per_task.limit_risks)
    distances = np.subtract(far.per_task.distances, near.per_task.distances)
    ratio, trimmed, likelihood = (each.difference for each in paired_scores(near, far))
    assert ratio.ci95 == pytest.approx(half_width(distances) / risks.mean())
    known = np.argsort(risks, kind="stable")[:198]
    assert trimmed.ci95 == pytest.approx(half_width(distances[known]) / risks[known].mean())
    likelihoods = np.subtract(near.per_task.log_likelihoods, far.per_task.log_likelihoods)
    assert likelihood.ci95 == pytest.approx(half_width(likelihoods))


def test_an_evaluation_is_no_better_than_itself() -> None:
    for each in paired_scores(evaluation(0.1), evaluation(0.1)):
        assert each.difference.difference == 0 and not each.difference.excludes_zero


def test_one_that_went_astray_has_no_difference() -> None:
    whole = evaluation(0.0)
    assert whole.per_task is not None
    astray = whole.per_task.model_copy(update={"distances": (math.inf,) * 200})
    ratio, _, likelihood = paired_scores(whole, whole.model_copy(update={"per_task": astray}))
    assert math.isnan(ratio.difference.ci95) and not ratio.difference.excludes_zero
    assert likelihood.difference.difference == 0


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (evaluation(0.0).model_copy(update={"per_task": None}), "evaluate it again"),
        (evaluation(0.0, limit_name(PRIOR, 5, 0, "val", 200, 20)), "other tasks"),
        (evaluation(0.0, limit_name(Prior(("line",)), 5, 0, "test", 200, 20)), "other tasks"),
        (evaluation(0.0), ""),
    ],
)
def test_only_the_same_tasks_are_compared(other: RegressionEvaluation, sentence: str) -> None:
    for pair in ((evaluation(0.0), other), (other, evaluation(0.0))):
        why = why_not_paired(*pair)
        assert sentence in why and bool(why) == bool(sentence)


def of_first_tasks(count: int) -> RegressionEvaluation:
    whole = evaluation(0.0)
    assert whole.per_task is not None
    names = ("limit_risks", "distances", "log_likelihoods")
    few = {name: getattr(whole.per_task, name)[:count] for name in names}
    return whole.model_copy(update={"per_task": whole.per_task.model_copy(update=few)})


def test_too_few_tasks_for_every_score_are_not_compared() -> None:
    for count in (1, 2):
        one = of_first_tasks(count)
        assert why_not_paired(one, one) == "so few tasks have no interval; evaluate on 3 or more."
    one = of_first_tasks(3)
    assert why_not_paired(one, one) == ""
    assert not any(math.isnan(each.difference.ci95) for each in paired_scores(one, one))


def test_the_least_known_hundredth_is_left_out_but_never_all() -> None:
    assert well_known(np.array([3.0, 1.0, 2.0])).tolist() == [1, 2]
    assert well_known(np.array([3.0])).tolist() == [0]
    assert len(well_known(np.ones(200))) == 198
