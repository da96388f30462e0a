"""What the page shows of any run: its figures as they are drawn, its settings and commands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from markupsafe import Markup

from leo_studio.report import curve_figures
from leo_studio.report.contents import Progress, RunContents
from leo_studio.report.figures import Picture
from leo_studio.report.images import inline_svg
from leo_studio.report.reproducing import (
    Preset,
    Setting,
    description_of,
    experiment_yaml,
    settings_of,
    train_command,
)
from leo_studio.report.validations import Headline, ValidationTable, headline, validation_table

_FIGURES = 14  # of a run, more or less


@dataclass(frozen=True, slots=True)
class CommonView:
    """All that the page shows of a run, whatever it learns.

    Attributes
    ----------
    key
        A word for the page's own links.
    title
        What people call the run; its folder's name where a person gave it.
    description
        What its experiment says of itself; "" where that is of its preset's data and not of its.
    preset
        What the settings are told beside.
    which
        Which weights they are, in words.
    curves
        Figures of training.
    validated
        The validation at the step of the weights.
    train_command, needs_yaml
        What trains it again, and whether that needs the experiment's YAML.
    rate
        Outer steps a second.
    """

    template: ClassVar[str]
    key: str
    title: str
    description: str
    preset: Preset | None
    which: str
    curves: tuple[Markup, ...]
    validated: Headline | None
    validations: ValidationTable
    settings: tuple[Setting, ...]
    yaml: str
    train_command: str
    needs_yaml: bool
    rate: float | None


class Drawer:
    """Draws pictures under names of their own, and says how far it is."""

    def __init__(self, progress: Progress, runs: int) -> None:
        self._progress = progress
        self._expected = _FIGURES * runs
        self._drawn = 0

    def __call__(self, pictures: Sequence[Picture]) -> tuple[Markup, ...]:
        """Draw pictures."""
        return tuple(map(self._draw, pictures))

    def _draw(self, picture: Picture) -> Markup:
        self._drawn += 1
        self._progress(min(self._drawn / self._expected, 1.0), "drawing")
        return inline_svg(picture, f"f{self._drawn}")


def common_parts(
    key: str, contents: RunContents, preset: Preset | None, draw: Drawer
) -> dict[str, Any]:
    """Return the fields of `CommonView`."""
    run, rates = contents.run, contents.training["steps_per_second"]
    command, needs_yaml = train_command(run, preset)
    return {
        "key": key,
        "title": contents.title,
        "description": description_of(run.experiment, preset),
        "preset": preset,
        "which": _which(contents),
        "curves": draw(curves(contents)),
        "validated": headline(contents.validated, run.scores),
        "validations": validation_table(contents.validation, run.scores),
        "settings": settings_of(run.experiment, preset),
        "yaml": experiment_yaml(run),
        "train_command": command,
        "needs_yaml": needs_yaml,
        "rate": float(np.median(rates)) if len(rates) else None,
    }


def curves(contents: RunContents) -> list[Picture]:
    """Picture what training and validation measured; nothing of a run that keeps no metrics."""
    if not len(contents.training["step"]):
        return []
    return curve_figures.curves(measured(contents), (contents.step, "these weights"))


def measured(contents: RunContents) -> curve_figures.Measured:
    """Return what a run measured, for curves."""
    run = contents.run
    return curve_figures.Measured(
        contents.name, run.columns, run.scores, contents.training, contents.validation
    )


def _which(contents: RunContents) -> str:
    run, step = contents.run, contents.step
    words = []
    best = run.record.best
    if best is not None and best.step == step:
        words.append("the best on validation")
    if run.checkpoints and run.checkpoints[-1].step == step:
        words.append("the last")
    return " and ".join(words) or "chosen by its step"


def status_notice(contents: RunContents) -> Iterator[str]:
    """Say that a run has not ended."""
    run = contents.run
    if run.status != "finished":
        yield (
            f"The run is {run.status}: it stands at step {run.record.step:,} of "
            f"{run.record.steps:,}."
        )
