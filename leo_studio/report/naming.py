"""What a report calls its runs: as people know them, and beside each other by what differs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from engine.runs.run import Run
from leo_studio.analysis.comparison.short_names import short_names
from leo_studio.report.contents import RunContents
from leo_studio.report.reproducing import Preset
from leo_studio.services.run_titles import numbered, title_of_folder

C = TypeVar("C", bound=RunContents)


def named(every: Sequence[C], presets: Sequence[Preset | None]) -> list[C]:
    """Return what is said of runs, with their titles and short names."""
    titles = [_title(contents.run, preset) for contents, preset in zip(every, presets, strict=True)]
    titles = numbered(titles, [(each.run.record.created, each.run.name) for each in every])
    names = short_names(titles) if len(titles) > 1 else titles
    return [
        replace(contents, title=title, name=name)
        for contents, title, name in zip(every, titles, names, strict=True)
    ]


def _title(run: Run, preset: Preset | None) -> str:
    began_as = preset.experiment if preset is not None and preset.is_named else None
    return title_of_folder(run.name, run.experiment, began_as)
