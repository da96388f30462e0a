"""`leo-studio inspect` of a run that learns functions: one task, or points that were kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import BadInput
from engine.inspection.function_records import TEST_SPLIT, FunctionRecord, LimitRecord
from engine.io.files import deliver
from leo_studio.analysis.functions.exported import exported_functions
from leo_studio.analysis.functions.sentences import step_names, summary
from leo_studio.analysis.runs.naming import learner_name
from leo_studio.cli.arguments import require_ending, require_new_file
from leo_studio.cli.console import percent, print_json, print_table, remarks
from leo_studio.figures.records import Facts

if TYPE_CHECKING:
    from engine.inspection.kept_points import KeptPoints
    from engine.runs.run import Run

_ROWS = 11  # places along x that are printed
_LIKELIEST = 5  # samples


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What is looked at, and what was typed; None for what was not."""

    run: "Run"
    step: int
    task: int | None
    points: Path | None
    split: str | None
    samples: int | None
    device: str | None


def require_none(options: Mapping[str, object], run: str) -> None:
    """Raise `BadInput` for options that say nothing of a run on functions."""
    for option, given in options.items():
        if given:
            raise BadInput(
                f"{run} learns functions, and {option} is for classification; leave it out."
            )


def inspect_functions(
    wanted: LookedAt, out: Path | None, *, is_replacing: bool, as_json: bool
) -> None:
    """Look at a task or at kept points, print it, and write it to a file where one is given."""
    from engine.inspection.functions import load_functions
    from engine.inspection.kept_points import ENDING, keep_points, kept_of, read_points
    from leo_studio.figures.saving import FORMATS, save

    _require_numbers(wanted)
    if out is not None:
        require_ending(out, (*FORMATS, ".hdf5", ENDING))
        require_new_file(out, is_replacing)
    kept = None if wanted.points is None else read_points(wanted.points)
    run, step = wanted.run, wanted.step
    loaded = load_functions(run, step, wanted.device)
    if kept is None:
        assert wanted.task is not None  # it was asked for
        seen = loaded.record(wanted.task, wanted.samples)
    else:
        number = loaded.number_of(kept)
        _tell_of(kept, number, run)
        seen = loaded.record_of(*kept.points, number=number, samples=wanted.samples)
    learner = learner_name(run.experiment)
    if as_json:
        print_json(_as_dict(seen, run, step))
    else:
        _print_record(seen, run, step, learner)
    if out is None:
        return
    if out.suffix.lower() == ENDING:
        number, note = seen.number, "" if kept is None else kept.note
        task = None if number is None else (number, loaded.own_points(number))
        points = seen.support_x, seen.support_y
        again = kept_of(points, task, run.name, run.record.id, step, note)
        deliver(out, lambda path: keep_points(path, again))
    else:
        facts: Facts = {"run": run.name, "step": step, "split": TEST_SPLIT}
        exported = exported_functions(seen, seen.steps, learner, facts)
        deliver(out, lambda path: save(path, exported))
    remarks.print(f"Written to {out}", style="dim")


def _require_numbers(wanted: LookedAt) -> None:
    if wanted.split not in (None, TEST_SPLIT):
        raise BadInput(f"--split is {wanted.split}; tasks of functions are looked at on test.")
    if wanted.samples is not None and wanted.samples < 1:
        raise BadInput(f"--samples is {wanted.samples}; choose 1 or more.")
    if (wanted.task is None) == (wanted.points is None):
        raise BadInput("Give either --episode with the number of a task, or --points with a file.")
    if wanted.task is not None and not 0 <= wanted.task < 2**62:
        raise BadInput(f"--episode is {wanted.task}; tasks are numbered from 0.")


def _tell_of(kept: "KeptPoints", number: int | None, run: "Run") -> None:
    """Say where kept points are from, and whether this run has their task."""
    words = [f"Kept {kept.kept} with {kept.run or 'no run'}"]
    words += [f"step {kept.step:,}"] if kept.step is not None else []
    words += [kept.note] if kept.note else []
    remarks.print(", ".join(words), style="dim")
    if kept.number is not None and number is None:
        remarks.print(
            f"They were points of task {kept.number:,}; {run.name} has another of that number, so "
            "their function is not known here."
        )


def _print_record(seen: FunctionRecord, run: "Run", step: int, learner: str) -> None:
    """Print what is made of points for people."""
    what = "points of no task" if seen.number is None else f"{TEST_SPLIT} {seen.number}"
    changed = ", its points changed" if seen.is_changed else ""
    print(f"{what}{changed}, step {step} of {run.name}")
    pairs = zip(seen.support_x.tolist(), seen.support_y.tolist(), strict=True)
    points = ", ".join(f"({x:.3f}, {y:.3f})" for x, y in pairs)
    print(f"points       {points}; noise {seen.noise:g}")
    print(f"seen         {summary(seen, seen.steps, learner)}")
    _print_steps(seen, learner)
    _print_curves(seen, learner)
    if seen.samples > 1:
        _print_samples(seen)


def _print_steps(seen: FunctionRecord, learner: str) -> None:
    first = seen.first_weights
    columns = ["inner loop", "log likelihood of the points"]
    columns += [] if first is None else [f"{learner}: {seen.families[0]}"]
    print_table(
        columns,
        [
            [name, f"{seen.log_likelihood[place]:.3f}"]
            + ([] if first is None else [percent(float(first[place]))])
            for place, name in enumerate(step_names(seen.steps))
        ],
    )


def _print_curves(seen: FunctionRecord, learner: str) -> None:
    """Print prediction and limit at some places along x."""
    import numpy as np

    curves = {
        "x": seen.grid,
        f"{learner}'s mean": seen.mean[-1],
        "5 %": seen.band[-1, 0],
        "95 %": seen.band[-1, 1],
    }
    if seen.limit is not None:
        low, high = seen.limit.band
        curves |= {"limit's mean": seen.limit.mean, "limit 5 %": low, "limit 95 %": high}
    if seen.truth is not None:
        curves["true function"] = seen.truth
    places = np.linspace(0, len(seen.grid) - 1, _ROWS).round().astype(np.int64)
    print_table(
        list(curves), [[f"{curve[place]:.3f}" for curve in curves.values()] for place in places]
    )


def _print_samples(seen: FunctionRecord) -> None:
    """Print the likeliest samples by their weight and family."""
    import numpy as np

    weights = seen.weights[-1]
    is_told = seen.is_first.shape[1] > 0
    for place in np.argsort(-weights, kind="stable")[:_LIKELIEST].tolist():
        family = ""
        if is_told:
            family = f", nearest to a {seen.families[0 if seen.is_first[-1, place] else 1]}"
        weight = percent(float(weights[place]))
        print(f"sample       {place} of {seen.samples}: weight {weight}{family}")


def _as_dict(seen: FunctionRecord, run: "Run", step: int) -> dict[str, Any]:
    """Return a task as plain containers, predictions after all inner steps."""
    limit, first, codes = seen.limit, seen.first_weights, seen.codes
    return {
        "run": run.name,
        "run_id": run.record.id,
        "step": step,
        "split": TEST_SPLIT,
        "task": seen.number,
        "name": seen.name,
        "points_changed": seen.is_changed,
        "families": list(seen.families),
        "noise": seen.noise,
        "points": {"x": seen.support_x.tolist(), "y": seen.support_y.tolist()},
        "grid": seen.grid.tolist(),
        "true_function": None if seen.truth is None else seen.truth.tolist(),
        "inner_steps": seen.steps,
        "log_likelihood": seen.log_likelihood.tolist(),
        "first_family_weight": None if first is None else first.tolist(),
        "mean": seen.mean[-1].tolist(),
        "band": seen.band[-1].tolist(),
        "samples": {
            "values": seen.values[-1].tolist(),
            "weights": seen.weights[-1].tolist(),
            "is_first_family": seen.is_first[-1].tolist(),
        },
        "limit": None if limit is None else _limit_dict(limit, seen.families),
        "codes": None if codes is None else codes.path.tolist(),
    }


def _limit_dict(limit: LimitRecord, families: tuple[str, ...]) -> dict[str, Any]:
    return {
        "family_probability": dict(zip(families, limit.family_probability.tolist(), strict=True)),
        "log_likelihood": limit.log_likelihood,
        "mean": limit.mean.tolist(),
        "band": limit.band.tolist(),
        "functions": limit.functions.tolist(),
        "function_families": [families[place] for place in limit.family.tolist()],
    }
