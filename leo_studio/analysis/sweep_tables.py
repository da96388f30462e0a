"""Tables of sweeps: trials as texts for a terminal and Markdown, and as numbers; no Optuna."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from engine.studies.sweeps.overseer import SweepState
from engine.studies.sweeps.space import Value
from engine.studies.sweeps.trials import Trial, best_of, outcomes
from engine.studies.table import Table, table_of
from engine.tasks.scores import UNKNOWN
from leo_studio.analysis.formats import format_accuracy, format_duration
from leo_studio.figures.records import Table as Numbers

MOST_ROWS: Final = 60
_STATES: Final = {"complete": "complete", "pruned": "ended early", "failed": "failed"}


def header(state: SweepState) -> list[str]:
    """Return the columns of the trials' table for people."""
    return ["trial", "validation, %", "step", "state", *short_names(list(state.sweep.parameters))]


def rows(state: SweepState, most: int | None = None) -> list[list[str]]:
    """Return what stands under them: the best first, then what was ended early, and so on."""
    begun = sorted((each for each in state.trials if each.run is not None), key=_rank)
    return [row(trial, list(state.sweep.parameters)) for trial in begun[:most]]


def short_names(paths: Sequence[str]) -> list[str]:
    """Return the last parts of settings' paths, and whole paths where these are alike."""
    ends = [path.rpartition(".")[2] for path in paths]
    return [path if ends.count(end) > 1 else end for path, end in zip(paths, ends, strict=True)]


def _rank(trial: Trial) -> tuple[int, float, int]:
    outcome = trial.outcome
    if outcome is None:
        return 3, 0.0, trial.number
    place = {"complete": 0, "pruned": 1, "failed": 2}[outcome.state]
    return place, -accuracy_of(trial), trial.number


def accuracy_of(trial: Trial) -> float:
    """Return what a trial came to: its best validation, or its last one where it ended early."""
    outcome = trial.outcome
    if outcome is None or outcome.state == "failed":
        return math.nan
    return outcome.accuracies[-1] if outcome.value is None else outcome.value


def row(trial: Trial, paths: Sequence[str]) -> list[str]:
    """Return what stands in a trial's row, under `header`."""
    outcome, record, accuracy = trial.outcome, trial.record, accuracy_of(trial)
    step = outcome.step if outcome is not None else 0 if record is None else record.step
    return [
        str(trial.number),
        UNKNOWN if math.isnan(accuracy) else f"{100 * accuracy:.2f}",
        f"{step:,}",
        state_word(trial),
        *(value_text(trial.values[path]) for path in paths),
    ]


def state_word(trial: Trial) -> str:
    """Say how a trial stands in two words."""
    return "begun" if trial.outcome is None else _STATES[trial.outcome.state]


def value_text(value: Value) -> str:
    """Write a setting's value with as many digits as a person reads."""
    return f"{value:.4g}" if isinstance(value, float) else "null" if value is None else str(value)


def notes(state: SweepState, importance: Mapping[str, float]) -> list[str]:
    """Return sentences that say what came of the sweep, and what its numbers are."""
    ended = outcomes(state.trials)
    counts = [
        f"{sum(each.state == name for each in ended)} {words}" for name, words in _STATES.items()
    ]
    found = [f"{len(ended)} of {len(state.trials)} trials have ended: {', '.join(counts)}."]
    best = best_of(state.trials)
    if best is not None and best.value is not None:
        found.append(
            f"Best: trial {best.number}, {100 * best.value:.2f} % on the validation episodes"
            f"{_beside_preset(state)}. Validation chose it, so this figure flatters it."
        )
        values = ", ".join(f"{path}={value_text(value)}" for path, value in best.values.items())
        found.append(f"Its settings: {values}")
    if importance:
        shares = ", ".join(f"{path} {100 * share:.0f} %" for path, share in importance.items())
        found.append(f"What decides the accuracy of complete trials (fANOVA): {shares}.")
    for each in ended:
        found += [f"Trial {each.number}: {each.why}"] * bool(each.why)
    return found


def _beside_preset(state: SweepState) -> str:
    """Say what the preset's own values came to."""
    own = state.trials[0].outcome
    if own is None or own.value is None:
        return ""
    return f"; {state.sweep.experiment.name} itself, trial 0: {100 * own.value:.2f} %"


def final_table(state: SweepState) -> Table | None:
    """Return the table of the best's test; None as long as there is nothing of it."""
    return table_of(state.study, state.finals) if state.finals else None


def final_notes(table: Table | None) -> list[str]:
    """Return sentences about the test of the best."""
    if table is None:
        return []
    study = table.study
    (entry,) = table.entries.values()
    if not entry.seeds:
        return list(entry.failures)
    share = "" if entry.seeds == entry.wanted else f" of {entry.wanted}"
    noun, spread = "seed" if entry.wanted == 1 else "seeds", ""
    if not math.isnan(entry.spread):
        spread = f", between which it varies by {100 * entry.spread:.2f} (standard deviation)"
    found = [
        f"Test of the best, trained anew on train and validation classes: "
        f"{format_accuracy(entry.accuracy, entry.ci95)} on {study.episodes:,} episodes of split "
        f"{study.split}, mean over {entry.seeds}{share} {noun}{spread}; ± is half the 95 % "
        "interval over episodes."
    ]
    found += list(entry.failures)
    if table.seconds:
        found.append(f"Training these took {format_duration(table.seconds)}.")
    return found


def markdown(state: SweepState, importance: Mapping[str, float]) -> str:
    """Return the table in Markdown, and what its numbers are below it."""
    heads = header(state)
    lines = [heads, ["---"] * len(heads), *rows(state)]
    text = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
    below = [*notes(state, importance), *final_notes(final_table(state))]
    return f"{text}\n\n" + "\n\n".join(below) + "\n"


def numbers(state: SweepState) -> Numbers:
    """Return the numbers of the trials that have begun, by number; shares of 1."""
    begun = [trial for trial in state.trials if trial.run is not None]
    sweep = state.sweep
    columns: dict[str, Any] = {
        "trial": np.array([trial.number for trial in begun]),
        "state": ["" if each.outcome is None else each.outcome.state for each in begun],
        "accuracy": np.array([accuracy_of(each) for each in begun]),
        "best_step": np.array([_best_step(each) for each in begun], np.float64),
        "step": np.array([each.outcome.step if each.outcome else math.nan for each in begun]),
        "run": ["" if each.run is None else each.run.name for each in begun],
    }
    for path in sweep.parameters:
        columns[path] = _column([trial.values[path] for trial in begun])
    return Numbers(sweep.name, facts={"sweep": sweep.name, "seed": sweep.seed}, columns=columns)


def _best_step(trial: Trial) -> float:
    step = None if trial.outcome is None else trial.outcome.best_step
    return math.nan if step is None else step


def _column(values: Sequence[Value]) -> Any:
    """Return values as numbers, or as texts where not all are."""
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return np.array(values)
    return [value_text(value) for value in values]


def as_json(state: SweepState, importance: Mapping[str, float]) -> dict[str, Any]:
    """Return everything as plain containers."""
    best, table = best_of(state.trials), final_table(state)
    entry = None if table is None else next(iter(table.entries.values()))
    return {
        "sweep": state.sweep.name,
        "is_whole": state.is_whole,
        "trials": [_trial(trial) for trial in state.trials if trial.run is not None],
        "best": None if best is None else best.number,
        "importance": dict(importance),
        "test": None
        if entry is None
        else {
            "accuracy": _known(entry.accuracy),
            "ci95_over_episodes": _known(entry.ci95),
            "deviation_over_seeds": _known(entry.spread),
            "seeds": entry.seeds,
            "wanted_seeds": entry.wanted,
            "episodes": state.study.episodes,
        },
    }


def _trial(trial: Trial) -> dict[str, Any]:
    outcome = trial.outcome
    return {
        "trial": trial.number,
        "run": None if trial.run is None else str(trial.run),
        "state": None if outcome is None else outcome.state,
        "step": None if outcome is None else outcome.step,
        "accuracy": _known(accuracy_of(trial)),
        "accuracies": [] if outcome is None else [_known(each) for each in outcome.accuracies],
        "values": dict(trial.values),
    }


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
