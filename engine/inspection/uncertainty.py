"""Whether LEO's uncertainty tells which of its answers are wrong, beside what costs nothing.

The answer to a query is that of the mean codes, as an evaluation gives it. Every measure is asked
about the same answers: those of the plain softmax, of temperature scaling (Guo et al. 2017), and of
codes sampled from the encoder's distributions and adapted each by itself.

Shapes: E episodes, N ways, Q queries per class, S samples, A answers of all episodes together.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import BadInput
from engine.evaluation.record import FOLDER
from engine.evaluation.statistics import student_half_width
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.episode_inspection import (
    entropy_of,
    query_logits,
    sampled_codes,
    sampled_ends,
    support_of,
    weights_at_stages,
)
from engine.inspection.rows import NOTHING, EpisodeRows
from engine.inspection.tables import in_parts
from engine.inspection.uncertainty_record import (
    BLOCKS,
    FEWEST_EPISODES,
    MEASURES,
    RISK_POINTS,
    Measure,
    Measured,
    UncertaintyRecord,
)
from engine.io.files import write_text
from engine.io.generators import retold
from engine.learners.leo.trajectory import distribution
from engine.runs.run import Run

_TEMPERATURES = (0.05, 20.0)
_EPISODES_AT_A_TIME = 8  # each core holds the probabilities of all samples

Numbers = NDArray[np.float32]


class Answers(NamedTuple):
    """Answers to queries of many episodes."""

    logits: Tensor  # (A, N), the true class first, by the mean codes
    sampled: Tensor  # (A, N): mean probabilities over sampled codes, the true class first
    expected_entropy: Tensor  # (A,)
    episode: Tensor  # (A,): the number of each one's episode


Steps = Generator[int, None, UncertaintyRecord]
"""Yields how many episodes' worth of work is done; fitting the temperature is a half of it."""


def measured_uncertainty(
    test: LoadedCheckpoint, val: LoadedCheckpoint, episodes: int, samples: int
) -> Steps:
    """Measure how well uncertainty tells wrong answers.

    Parameters
    ----------
    test, val
        The weights with the episodes to measure on, and with those that the temperature is for.
    episodes
        How many of each, `FEWEST_EPISODES` or more.
    samples
        S, codes for each class of an episode.

    Raises
    ------
    BadInput
        If there are too few episodes for an interval, or too few answers are wrong, or right.
    """
    if episodes < FEWEST_EPISODES:
        raise BadInput(
            f"--episodes is {episodes}; uncertainty is measured on at least {FEWEST_EPISODES}."
        )
    fitted = yield from retold(_answers(val, episodes, 0), lambda done: done // 2)
    temperature = fitted_temperature(fitted.logits)
    answers = yield from retold(
        _answers(test, episodes, samples), lambda done: (episodes + done) // 2
    )
    is_wrong = (answers.logits[:, 1:].amax(1) >= answers.logits[:, 0]).numpy()
    blocks = (answers.episode * BLOCKS // episodes).numpy()
    shares = [is_wrong[blocks == block].mean() for block in range(BLOCKS)]
    if not all(0 < share < 1 for share in shares):
        raise BadInput(
            f"{test.provenance.run} has no wrong answer, or no right one, among "
            f"{episodes // BLOCKS} episodes, so that nothing can tell them apart; take more with "
            "--episodes."
        )
    return UncertaintyRecord(
        split=test.provenance.split,
        episodes=episodes,
        samples=samples,
        error=float(is_wrong.mean()),
        temperature=temperature,
        loss=_loss(answers.logits.log_softmax(1)),
        scaled_loss=_loss((answers.logits / temperature).log_softmax(1)),
        sampled_loss=_loss(answers.sampled.log()),
        measures=_judged(_uncertainties(answers, temperature), is_wrong, blocks),
        run=test.provenance.run,
        checkpoint_step=test.provenance.step,
    )


def fitted_temperature(logits: Tensor) -> float:
    """Return what logits (A, N), the true class first, are best divided by, by their loss."""

    def loss(logarithm: float) -> float:
        return _loss((logits / float(np.exp(logarithm))).log_softmax(1))

    bounds = tuple(np.log(_TEMPERATURES))
    from scipy import optimize  # a second, for which no window should wait

    found = optimize.minimize_scalar(loss, bounds=bounds, method="bounded")
    return float(np.exp(found.x))


def auroc(uncertainty: Numbers, is_wrong: NDArray[np.bool_]) -> float:
    """Return the chance that a wrong answer is more uncertain than a right one; ties count half."""
    from sklearn.metrics import roc_auc_score  # a second, which nothing else here needs

    return float(roc_auc_score(is_wrong, uncertainty))


def risk_coverage(uncertainty: Numbers, is_wrong: NDArray[np.bool_]) -> float:
    """Return the mean error among the k least uncertain answers, over k = 1 to all (A,)."""
    return float(_errors_of_the_surest(uncertainty, is_wrong).mean())


def risk_curve(uncertainty: Numbers, is_wrong: NDArray[np.bool_]) -> tuple[float, ...]:
    """Return the error among the least uncertain hundredth of answers (A,), two hundredths ... all.

    A share of the answers that is no whole number of them is rounded up.
    """
    errors = _errors_of_the_surest(uncertainty, is_wrong)
    counts = -(-np.arange(1, RISK_POINTS + 1) * len(errors) // RISK_POINTS)
    return tuple(errors[counts - 1].tolist())


def _errors_of_the_surest(uncertainty: Numbers, is_wrong: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the error among the k least uncertain answers, for k = 1 to all, (A,)."""
    order = np.argsort(uncertainty, kind="stable")
    errors: NDArray[np.float64] = np.cumsum(is_wrong[order]) / np.arange(1, len(order) + 1)
    return errors


def keep_uncertainty(run: Run, record: UncertaintyRecord) -> Path:
    """Keep a record among a run's evaluations, and return its file; raises `BadInput` if not."""
    run.require_folder()
    path = run.path / FOLDER / record.file_name
    write_text(path, record.to_json())
    return path


def _answers(
    loaded: LoadedCheckpoint, episodes: int, samples: int
) -> Generator[int, None, Answers]:
    """Ask the queries of episodes, on every core."""

    def answered(numbers: Sequence[int]) -> Answers:
        return _answered(loaded, loaded.rows(numbers), samples)

    parts: list[Answers] = []
    with closing(in_parts(answered, loaded.split, range(episodes), _EPISODES_AT_A_TIME)) as coming:
        for part in coming:
            parts.append(part)
            yield int(part.episode[-1]) + 1
    return Answers(*map(torch.cat, zip(*parts, strict=True)))


@torch.no_grad()
def _answered(loaded: LoadedCheckpoint, rows: EpisodeRows, samples: int) -> Answers:
    model, split = loaded.model, loaded.split
    support = support_of(split, rows)
    start = distribution(model, support)
    weights = weights_at_stages(model, support, start.mean)[:, -1:]
    logits = query_logits(split, rows, weights)[:, 0]
    mean, expected = torch.softmax(logits, -1), entropy_of(torch.softmax(logits, -1))
    if samples:
        codes = sampled_codes(start, rows.numbers, samples, loaded.provenance)
        weights = sampled_ends(model, support, codes).weights
        probabilities = torch.softmax(query_logits(split, rows, weights), -1)  # (E, S, N, Q, N)
        mean, expected = probabilities.mean(1), entropy_of(probabilities).mean(1)
    there = rows.query != NOTHING
    episode = rows.numbers[:, None, None].expand(there.shape)
    parts = (_true_first(logits)[there], _true_first(mean)[there], expected[there], episode[there])
    return Answers(*(each.cpu() for each in parts))


def _true_first(scores: Tensor) -> Tensor:
    """Put the score of the true class before those of the others, (E, N true, Q, N)."""
    n_way = scores.shape[-1]
    order = (torch.arange(n_way)[:, None] + torch.arange(n_way)) % n_way
    order = order.to(scores.device)[None, :, None].expand(scores.shape)
    return scores.gather(-1, order)


def _uncertainties(answers: Answers, temperature: float) -> dict[str, Numbers]:
    plain = torch.softmax(answers.logits, 1)
    scaled = torch.softmax(answers.logits / temperature, 1)
    sampled = entropy_of(answers.sampled)
    found = {
        "confidence": 1 - plain.amax(1),
        "entropy": entropy_of(plain),
        "scaled confidence": 1 - scaled.amax(1),
        "scaled entropy": entropy_of(scaled),
        "sampled entropy": sampled,
        "expected entropy": answers.expected_entropy,
        "mutual information": sampled - answers.expected_entropy,
    }
    return {name: found[name].numpy() for name in MEASURES}


def _judged(
    uncertainties: Mapping[str, Numbers], is_wrong: NDArray[np.bool_], blocks: NDArray[np.int64]
) -> tuple[Measure, ...]:
    """Judge each measure on all answers, with intervals from the blocks' own."""

    def of_blocks(
        judge: Callable[[Numbers, NDArray[np.bool_]], float], uncertainty: Numbers
    ) -> NDArray[np.float64]:
        places = [blocks == block for block in range(BLOCKS)]
        return np.array([judge(uncertainty[place], is_wrong[place]) for place in places])

    entropy = uncertainties["entropy"]
    entropy_blocks, entropy_auroc = of_blocks(auroc, entropy), auroc(entropy, is_wrong)
    judged = []
    for name, uncertainty in uncertainties.items():
        own, of_all = of_blocks(auroc, uncertainty), auroc(uncertainty, is_wrong)
        risks = of_blocks(risk_coverage, uncertainty)
        judged.append(
            Measure(
                name=name,
                auroc=Measured(value=of_all, ci95=student_half_width(own)),
                risk_coverage=Measured(
                    value=risk_coverage(uncertainty, is_wrong), ci95=student_half_width(risks)
                ),
                gain_on_entropy=Measured(
                    value=of_all - entropy_auroc, ci95=student_half_width(own - entropy_blocks)
                ),
                risk_curve=risk_curve(uncertainty, is_wrong),
            )
        )
    return tuple(judged)


def _loss(log_probabilities: Tensor) -> float:
    return -float(log_probabilities[:, 0].double().mean())
