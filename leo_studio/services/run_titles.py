"""Titles of runs: what people read instead of a folder's name with a time stamp.

A title is made of a run's task, its store and what differs from its preset, such as "5-way 1-shot,
leaves100, inner steps 1, seed 2". A run that a person renamed is called by that name.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.config import (
    Backbone,
    Declaration,
    Experiment,
    Kinds,
    declarations,
    differing_settings,
    used_values,
)
from engine.events import Waiting
from engine.runs.folders import MOMENT
from leo_studio.services.records import PresetEntry, RunEntry

_MOST_CHANGES = 3  # in a title; the column and the details have them all
# What is no part of a title, since it changes how a run is measured and not what is trained.
_MEASURES = frozenset(
    {
        "task.examples_per_class",
        "schedule.validate_every",
        "schedule.validation_episodes",
        "evaluation.episodes",
    }
)
_COUNTS = frozenset({"schedule.steps"})  # said without their labels: "300 outer steps"
# What the beginning of every title says; it needs no second time.
_SAID_FIRST = frozenset(
    {
        "data.store",
        "task.kind",
        "task.n_way",
        "task.k_shot",
        "task.functions",
        "learner.kind",
        "learner.backbone",
    }
)


def with_titles(
    runs: Sequence[RunEntry], presets: Mapping[str, Experiment]
) -> tuple[RunEntry, ...]:
    """Return runs with their titles and changes; of equal titles, later runs get a number.

    Parameters
    ----------
    runs
        In any order; the oldest of those with one title has it as it is.
    presets
        The experiments of presets by name. A run whose preset is not among them has no changes.
    """
    titled = [_titled(run, presets.get(run.preset)) for run in runs]
    titles = numbered([run.title for run in titled], [(run.created, run.name) for run in runs])
    return tuple(
        run if run.title == title else replace(run, shown_title=title)
        for run, title in zip(titled, titles, strict=True)
    )


def numbered(titles: Sequence[str], ages: Sequence[tuple[str, str]]) -> list[str]:
    """Return titles of which the later ones of those that are equal have a number.

    `ages` are when the runs were made, and their folders.
    """
    told, counts = list(titles), dict[str, int]()
    for place in sorted(range(len(titles)), key=lambda place: ages[place]):
        title = titles[place]
        counts[title] = counts.get(title, 0) + 1
        if counts[title] > 1:
            told[place] = f"{title} ({counts[title]})"
    return told


def title_of_folder(name: str, experiment: Experiment, preset: Experiment | None = None) -> str:
    """Return what the run in a folder of this name is called; see `title_of`."""
    given = experiment.name
    is_made = name.startswith(given) and MOMENT.fullmatch(name[len(given) :])
    return title_of(experiment, preset) if is_made else name  # a person's own words for it


def title_of(experiment: Experiment, preset: Experiment | None = None) -> str:
    """Return what a run of an experiment is called.

    Parameters
    ----------
    experiment
        All its settings.
    preset
        What it began as; where that is not known, the title has no changes.
    """
    learner = experiment.learner
    if preset is not None and experiment.name != preset.name:
        parts = [experiment.name]  # a person's own words for it
    elif isinstance(learner, Backbone):
        parts = [_title_of(learner), Path(experiment.data.store).stem]
    else:
        parts = [experiment.task.words, Path(experiment.source).stem]
        if learner.kind != "leo":
            parts.append(learner.noun())
    changes = [] if preset is None else _told(experiment, preset, _MEASURES)
    others = len(changes) - _MOST_CHANGES
    parts += changes[:_MOST_CHANGES]
    parts += [f"{others} more changes" if others > 1 else changes[-1]] if others > 0 else []
    return ", ".join((*parts, f"seed {experiment.run.seed}"))


def title_to_be(experiment: Experiment, presets: Sequence[PresetEntry], preset: str = "") -> str:
    """Return what a run of an experiment, which began as a preset, will be called."""
    wanted = preset or experiment.name
    known = (each.experiment for each in presets if each.name == wanted)
    return title_of(experiment, next(known, None))


def title_of_waiting(
    waiting: Waiting, presets: Sequence[PresetEntry], runs: Sequence[RunEntry]
) -> str:
    """Return what people call something in the queue: as its run is called, or will be."""
    if waiting.experiment is not None:
        return title_to_be(waiting.experiment, presets, waiting.preset)
    titles = (run.title for run in runs if str(run.path) == waiting.run)
    return next(titles, waiting.name)


def changes_of(experiment: Experiment, preset: Experiment) -> tuple[str, ...]:
    """Return in what an experiment differs from its preset, beside what every title says."""
    return tuple(_told(experiment, preset))


def _titled(run: RunEntry, preset: Experiment | None) -> RunEntry:
    if run.experiment is None:
        return run
    changes = () if preset is None else changes_of(run.experiment, preset)
    title = title_of_folder(run.path.name, run.experiment, preset)
    return replace(run, shown_title=title, changes=changes)


def _told(
    experiment: Experiment, preset: Experiment, but: Collection[str] = frozenset()
) -> list[str]:
    """Return in words what differs, beside what every title says and some settings."""
    values = used_values(experiment)
    every = declarations(Kinds.in_experiment(experiment))
    return [
        _change(every[path], values[path], is_count=path in _COUNTS)
        for path in differing_settings(experiment, preset, roles=("result",))
        if path in values and path not in _SAID_FIRST and path not in but
    ]


def _change(setting: Declaration, value: object, *, is_count: bool) -> str:
    """Return a setting and its value within a title, such as "inner steps 1"."""
    words = setting.nothing.lower() or "none" if value is None else _words(value)
    counted = setting.unit if isinstance(value, int) and not isinstance(value, bool) else ""
    label = "" if is_count else _within_a_line(setting.label)
    return " ".join(filter(None, (label, words, counted)))


def _words(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case list() | tuple():
            return " and ".join(map(str, value))
        case float():
            return f"{value:.6g}"
        case int():
            return f"{value:,}"
        case _:
            return str(value).replace("_", " ")


def _within_a_line(label: str) -> str:
    """Return a label as it stands within a sentence: "Inner steps" as "inner steps", "KL" as is."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _title_of(learner: Backbone) -> str:
    # Here, so that the window of whoever has no such run starts without the room of pictures.
    from engine.images.backbones.catalogue import backbone_kind

    return backbone_kind(learner.backbone).title
