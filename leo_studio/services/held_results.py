"""Results of measurements; those that no file could take are listed while the program lasts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.evaluation.grid_record import GridEvaluation
from engine.evaluation.record import Evaluation
from engine.evaluation.regression.record import RegressionEvaluation
from engine.inspection.curvature_record import CurvatureRecord
from engine.inspection.uncertainty_record import UncertaintyRecord
from leo_studio.services.grid_records import EvaluatedGrid
from leo_studio.services.records import (
    EpisodeSource,
    RunEntry,
)


@dataclass(frozen=True, slots=True)
class EvaluatedFunctions:
    """An evaluation on functions, and why it could not be kept; "" where it is."""

    evaluation: RegressionEvaluation
    why_not_kept: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredUncertainty:
    """A record of uncertainty, what it is of, and why it could not be kept; "" where it is."""

    source: EpisodeSource
    record: UncertaintyRecord
    why_not_kept: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredCurvature:
    """A record of curvature, its run, and why it could not be kept; "" where it is."""

    run: Path
    record: CurvatureRecord
    why_not_kept: str = ""


Result = EvaluatedFunctions | EvaluatedGrid | Evaluation | MeasuredCurvature | MeasuredUncertainty
Held = CurvatureRecord | Evaluation | GridEvaluation | RegressionEvaluation | UncertaintyRecord
TakeResult = Callable[[Path, Result], None]  # of a run; it is listed with it
_Key = tuple[Path, str, str]  # the run, the part of its entry, and the file


class HeldResults:
    """Holds what no file could take; methods may be called from any thread."""

    def __init__(self) -> None:
        self._held: dict[_Key, Held] = {}

    def hold(self, result: Result) -> None:
        """Hold a result if it could not be kept; one that is kept takes the place of a held one."""
        run, part, held = _parts(result)
        key = (run, part, held.file_name)
        others = {each: other for each, other in self._held.items() if each != key}
        if result.why_not_kept:
            others[key] = held
        self._held = others  # another one: a thread may be looking at the one before

    def beside(self, entry: RunEntry) -> RunEntry:
        """Return a run with what is held of it beside what it keeps."""
        found: dict[str, dict[str, Held]] = {}
        for (run, part, name), held in self._held.items():
            if run == entry.path and not entry.problem:
                found.setdefault(part, {})[name] = held
        changes: dict[str, Any] = {}
        for part, held_ones in found.items():
            every = {each.file_name: each for each in getattr(entry, part)} | held_ones
            changes[part] = tuple(every[name] for name in sorted(every))
        return replace(entry, **changes) if changes else entry


def _parts(result: Result) -> tuple[Path, str, Held]:
    """Return a result's run, the part of a run's entry that lists it, and what is listed."""
    if isinstance(result, Evaluation):
        return Path(result.run), "evaluations", result
    if isinstance(result, EvaluatedFunctions):
        return Path(result.evaluation.run), "function_evaluations", result.evaluation
    if isinstance(result, MeasuredCurvature):
        return result.run, "curvatures", result.record
    if isinstance(result, EvaluatedGrid):
        return result.run, "grids", result.grid
    return result.source.run, "uncertainties", result.record
