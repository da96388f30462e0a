"""What the Curves panel remembers from one start to the next, as plain values of JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from leo_studio.analysis.curves.quantities import X_AXES, XAxis


@dataclass(frozen=True, slots=True)
class RememberedRun:
    """A run that was in the plots; `is_added` where a person had added it."""

    path: Path
    is_added: bool = True


@dataclass(frozen=True, slots=True)
class RememberedCurves:
    """The panel's options and runs; None where nothing that makes sense is known.

    Attributes
    ----------
    plots
        Names of the plots that are shown.
    curves
        Keys of the quantities that are drawn, by the plot's name.
    logarithmic
        Names of the plots whose y axis is logarithmic.
    smoothing
        A decay, at least 0 and below 1.
    """

    plots: tuple[str, ...] | None = None
    curves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    logarithmic: tuple[str, ...] | None = None
    axis: XAxis | None = None
    is_log_x: bool | None = None
    smoothing: float | None = None
    averages_seeds: bool | None = None
    runs: tuple[RememberedRun, ...] = ()

    def as_plain(self) -> dict[str, object]:
        """Return it as values that JSON has."""
        known: dict[str, object] = {
            "plots": None if self.plots is None else list(self.plots),
            "curves": {plot: list(keys) for plot, keys in self.curves.items()},
            "logarithmic": None if self.logarithmic is None else list(self.logarithmic),
            "axis": self.axis,
            "is_log_x": self.is_log_x,
            "smoothing": self.smoothing,
            "averages_seeds": self.averages_seeds,
            "runs": [{"path": str(run.path), "is_added": run.is_added} for run in self.runs],
        }
        return {name: value for name, value in known.items() if value is not None}


def read_remembered(plain: Mapping[str, object]) -> RememberedCurves:
    """Return what was remembered; what makes no sense reads as if it had not been there."""
    curves = plain.get("curves")
    runs = plain.get("runs")
    axis = plain.get("axis")
    return RememberedCurves(
        plots=_texts(plain.get("plots")),
        curves={
            plot: keys
            for plot, value in (curves.items() if isinstance(curves, Mapping) else ())
            if isinstance(plot, str) and (keys := _texts(value)) is not None
        },
        logarithmic=_texts(plain.get("logarithmic")),
        axis=next((known for known in X_AXES if known == axis), None),
        is_log_x=_truth(plain.get("is_log_x")),
        smoothing=_decay(plain.get("smoothing")),
        averages_seeds=_truth(plain.get("averages_seeds")),
        runs=tuple(filter(None, map(_run, runs))) if isinstance(runs, list) else (),
    )


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    return tuple(each for each in value if isinstance(each, str))


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _decay(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1 else None


def _run(value: object) -> RememberedRun | None:
    if not isinstance(value, Mapping):
        return None
    path = value.get("path")
    # A null character is in no path, and asking for one raises.
    if not isinstance(path, str) or not path or "\0" in path:
        return None
    return RememberedRun(Path(path), value.get("is_added") is not False)
