"""Results of the runs of a comparison as rows of text, and all of it as text to paste."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.tasks.scores import UNKNOWN, ScoreSpec
from leo_studio.analysis.comparison.differences import (
    Paired,
    SettingRow,
    as_markdown,
    chosen_evaluations,
    paired,
    pairs,
)
from leo_studio.analysis.comparison.on_functions import (
    PairedOnFunctions,
    chosen_on_functions,
    verdict_on_functions,
)
from leo_studio.analysis.comparison.verdict import differ_in, verdict
from leo_studio.analysis.evaluation.function_scores import LIKELIHOOD, RISK_RATIO, score_texts
from leo_studio.analysis.formats import format_accuracy, format_duration, format_number
from leo_studio.analysis.runs.naming import steps_text
from leo_studio.services.records import RunEntry


def result_rows(runs: Sequence[RunEntry], split: str) -> tuple[SettingRow, ...]:
    """Return how some runs did; their accuracy on `split` as far as it was evaluated."""
    return (
        SettingRow(_best_label(runs), tuple(_best(run) for run in runs)),
        SettingRow("steps", tuple(map(steps_text, runs))),
        SettingRow("training time", tuple(format_duration(run.seconds) for run in runs)),
        *_evaluated_rows(runs, split),
    )


def _evaluated_rows(runs: Sequence[RunEntry], split: str) -> list[SettingRow]:
    """Return how runs did on a split: accuracy, or the scores of runs of regression."""
    rows = []
    if not all(run.learns_functions for run in runs):
        rows.append(SettingRow(f"{split} accuracy", tuple(_evaluated(run, split) for run in runs)))
    if any(run.learns_functions for run in runs):
        for label in (LIKELIHOOD, RISK_RATIO):
            values = tuple(_evaluated_on_functions(run, split, label) for run in runs)
            rows.append(SettingRow(f"{split} {label}", values))
    return rows


def markdown(runs: Sequence[RunEntry], rows: Sequence[SettingRow], split: str) -> str:
    """Return a comparison as Markdown: a table, and a line for each pair."""
    lines = [f"- {_said(one, other, split)}\n" for one, other in pairs(runs)]
    return "".join((as_markdown([run.title for run in runs], rows), "\n", *lines))


def validation_steps(run: RunEntry) -> NDArray[np.int64]:
    """Return the step of each of a run's validations: every so many, and the last step of all.

    A learner that is not trained has one, at step 0.
    """
    every = run.experiment.schedule.validate_every if run.experiment else 1
    return np.minimum(every * np.arange(1, len(run.validation) + 1), run.steps)


def validation_values(run: RunEntry) -> NDArray[np.float64]:
    """Return the score of each of a run's validations as people read it, a share in percent."""
    is_share = run.score is not None and run.score.is_percentage
    return (100.0 if is_share else 1.0) * np.asarray(run.validation, np.float64)


def overlay_labels(runs: Sequence[RunEntry]) -> tuple[str, str]:
    """Return what validations of some runs are, in words and with their unit for an axis."""
    scores = list(dict.fromkeys(run.score for run in runs if run.score is not None))
    if len(scores) != 1:
        return "Validation", "Validation"
    score, words = scores[0], f"Validation {scores[0].label}"
    unit = "%" if score.is_percentage else score.unit
    return words, f"{words} ({unit})" if unit else words


def overlay_title(runs: Sequence[RunEntry]) -> str:
    """Return the title of a plot of the validations of some runs."""
    scores = {run.score for run in runs}
    score = scores.pop() if len(scores) == 1 else None
    better = "" if score is None else _lower_is_better(score)
    return f"{overlay_labels(runs)[0]} over outer steps{better}"


def _said(one: RunEntry, other: RunEntry, split: str) -> str:
    found = paired(one, other, split)
    if isinstance(found, PairedOnFunctions):
        said = verdict_on_functions(found, one.title, other.title, split)
        return " ".join(filter(None, (said, differ_in(one, other))))
    if isinstance(found, Paired):
        parts = (verdict(found, one.title, other.title, split), differ_in(one, other))
        return " ".join(filter(None, parts))
    return f"{one.title} and {other.title} on {split}: {found}"


def _best_label(runs: Sequence[RunEntry]) -> str:
    """Return what the best validations are of, where that is no accuracy."""
    scores = {run.score for run in runs}
    score = scores.pop() if len(scores) == 1 else None
    if score is None or score.is_percentage:
        return "best validation"
    return f"best validation, {score.label}{_lower_is_better(score)}"


def _lower_is_better(score: ScoreSpec) -> str:
    return "" if score.higher_is_better else " (lower is better)"


def _best(run: RunEntry) -> str:
    return UNKNOWN if run.best is None else f"{run.best_text} (step {run.best.step:,})"


def _evaluated_on_functions(run: RunEntry, split: str, label: str) -> str:
    if not run.learns_functions:
        return UNKNOWN
    entries = chosen_on_functions(run, split)
    if not entries:
        return "not evaluated"
    entry = entries[max(entries)]
    texts = score_texts(entry.scores)
    if label not in texts:
        return UNKNOWN  # nobody knows the limit of measured functions
    text = texts[label].replace("-", "−")
    tasks = format_number(entry.scores.tasks)
    return f"{text} (step {entry.checkpoint_step:,}, {tasks} tasks)"


def _evaluated(run: RunEntry, split: str) -> str:
    if run.learns_functions:
        return UNKNOWN
    entries = chosen_evaluations(run, split)
    if not entries:
        return "not evaluated"
    entry = entries[max(entries)]
    accuracy = format_accuracy(entry.accuracy, entry.ci95)
    return f"{accuracy} (step {entry.step:,}, {format_number(entry.episodes)} episodes)"
