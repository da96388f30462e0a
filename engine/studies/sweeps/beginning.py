"""Sweeps that somebody asks for: new ones of a preset and a space, and those that go on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.runs.library import Library
from engine.studies.sweeps.catalogue import space_path
from engine.studies.sweeps.space import load_space, require_fitting
from engine.studies.sweeps.sweep import LAG, TRIALS, Sweep, checked_sweep, load_sweep
from engine.studies.sweeps.trials import SweepFolder

_LONGEST_NAME = 100
_COUNTS = ("trials", "final_seeds")


def asked_sweep(
    library: Library,
    preset: str,
    space_name: str,
    settings: Mapping[str, Any],
    numbers: Mapping[str, Any],
    source: str,
) -> Sweep:
    """Return a new sweep; raises `BadInput` where the space does not fit the preset.

    Parameters
    ----------
    library
        Where presets and a person's own spaces are found.
    preset, space_name
        By their names, or the paths of their files.
    settings
        Of all trials that are not the preset's, by dotted path.
    numbers
        Fields of the sweep, such as how many trials; where one is None it is the usual one.
    source
        What messages call whoever asks.
    """
    path = space_path(space_name, library.sweeps)
    space, experiment = load_space(path), library.experiment(preset).with_settings(settings)
    require_fitting(space, experiment, str(path))
    name = f"{experiment.name}-{space.name}"[:_LONGEST_NAME]
    given: dict[str, Any] = {"trials": TRIALS}
    given |= {key: value for key, value in numbers.items() if value is not None}
    return checked_sweep(Sweep(name, experiment, space.parameters, **given), source)


def begun_sweep(folder: SweepFolder, **counts: int | None) -> Sweep:
    """Return the sweep of a folder, with as many `trials` and `final_seeds` as are given."""
    assert set(counts) <= set(_COUNTS)
    given: dict[str, Any] = {key: value for key, value in counts.items() if value is not None}
    return checked_sweep(replace(load_sweep(folder.file), **given), str(folder.file))


def usual_lag(workers: int) -> int:
    """Return how many trials a trial knows nothing of, so that so many workers are never idle."""
    return max(LAG, 2 * workers)
