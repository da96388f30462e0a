"""How a run can be made again: its settings beside a preset's, and the commands to type."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from engine.config import (
    Experiment,
    Kinds,
    changes_to,
    declarations,
    declared,
    differing_settings,
    used_settings,
    used_values,
)
from engine.config.built_in import built_in_presets
from engine.errors import BadInput
from engine.evaluation.record import NEAREST_CLASS_MEAN
from engine.io.files import last_name
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.analysis.comparison.differences import shown
from leo_studio.analysis.experiment.setting_labels import setting_label
from leo_studio.report.contents import Contents, RunContents

_MOST_DIFFERENCES = 8  # of a run that still passes for one of a preset


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a run, as YAML has it.

    Attributes
    ----------
    path, value
        Such as "learner.dropout" and "0.3".
    preset
        The preset's value; None where it is the same, or there is no preset.
    symbol, sentence
        The paper's symbol, and what it is.
    """

    path: str
    value: str
    preset: str | None
    symbol: str
    sentence: str

    @property
    def label(self) -> str:
        """What people call it, such as "Learner › Dropout"."""
        return setting_label(self.path, with_section=True)


@dataclass(frozen=True, slots=True)
class Preset:
    """The preset that a run's settings are told beside.

    `is_named` is False where the run does not name it, and it is merely the nearest one.
    """

    name: str
    experiment: Experiment
    is_built_in: bool
    is_named: bool


def preset_of(library: Library, run: Run) -> Preset | None:
    """Return the preset that a run names, or the nearest of the built-in ones, or None."""
    built_in = built_in_presets()
    candidates = []
    for name, path in library.preset_files().items():
        try:
            preset = library.experiment(name)
        except BadInput:
            continue
        is_built_in = path.parent == built_in
        if name == run.record.preset:
            return Preset(name, preset, is_built_in, True)
        if is_built_in:
            candidates.append((len(differences(run.experiment, preset)), name, preset))
    count, name, preset = min(candidates, key=lambda each: each[:2])
    return Preset(name, preset, True, False) if count <= _MOST_DIFFERENCES else None


def differences(experiment: Experiment, preset: Experiment) -> dict[str, Any]:
    """Return the settings that a preset has otherwise, but for its name."""
    every = declarations(Kinds.in_experiment(experiment))
    used = used_values(experiment)
    return {
        path: value
        for path, value in changes_to(experiment, preset).items()
        if path in used and every[path].role in ("result", "machine", "seed")
    }


def without_store_path(experiment: Experiment) -> Experiment:
    """Return an experiment that says nothing of where its store or file lies on this machine."""
    return experiment.with_source(last_name(experiment.source))


def settings_of(experiment: Experiment, preset: Preset | None) -> tuple[Setting, ...]:
    """Return all settings of a run in the order of their declaration."""
    values = used_values(without_store_path(experiment))
    theirs = {} if preset is None else used_values(preset.experiment)
    different = () if preset is None else differing_settings(experiment, preset.experiment)
    found = []
    for path, info in used_settings(Kinds.in_experiment(experiment)):
        about = declared(info)
        if about.role == "layout":
            continue
        found.append(
            Setting(
                path=path,
                value=shown(values[path]),
                preset=shown(theirs[path]) if path in different and path in theirs else None,
                symbol=about.symbol,
                sentence=info.description or "",
            )
        )
    return tuple(found)


def description_of(experiment: Experiment, preset: Preset | None) -> str:
    """Return an experiment's description; "" where it is the preset's, on other data."""
    if preset is None or experiment.description != preset.experiment.description:
        return experiment.description
    sources = (experiment.source, preset.experiment.source)
    one, other = (PurePath(last_name(source)).stem for source in sources)
    return experiment.description if one == other else ""


def train_command(run: Run, preset: Preset | None) -> tuple[str, bool]:
    """Return the command that trains a run again, and whether it needs the experiment's YAML."""
    experiment = without_store_path(run.experiment)
    if preset is None or not preset.is_built_in:
        return _command("train", f"{experiment.name}.yaml"), True
    words = ["train", preset.name]
    if experiment.name != preset.name:
        words += ["--name", experiment.name]
    changes = differences(experiment, preset.experiment)
    for path, about in declarations().items():
        if about.option and path in changes:
            words += [about.option, str(changes.pop(path))]
    for path, value in changes.items():
        words += ["--set", f"{path}={_yaml(value)}"]
    return _command(*words), False


def look_commands(contents: Contents, most: int) -> list[tuple[str, str]]:
    """Return what measures, looks at and reports a run again: what for, and the command."""
    run, step, split = contents.run, str(contents.step), contents.split
    which = ["--checkpoint", step, "--split", split]
    episodes = contents.result.episodes if contents.result is not None else most
    opponent = contents.result.opponent if contents.result is not None else None
    against = []
    if opponent is not None:
        against = ["--compare", NEAREST_CLASS_MEAN if opponent.is_baseline else opponent.name]
    found = [
        (
            "Evaluate these weights",
            _command(
                *("evaluate", run.name, *which, "--episodes", str(episodes)),
                *against,
            ),
        )
    ]
    if contents.looked is not None and contents.looked.worst:
        number = str(int(contents.looked.worst[0].seen.numbers[0]))
        found.append(
            (
                "Go through the episodes",
                _command("episodes", run.name, *which, "--count", str(most), "--sort", "accuracy"),
            )
        )
        found.append(
            ("Look at the worst one", _command("inspect", run.name, *which, "--episode", number))
        )
    return found


def look_at_functions_commands(
    contents: RunContents, tasks: int, looked: int | None
) -> list[tuple[str, str]]:
    """Return what measures and looks at a run of regression again: what for, and the command.

    `looked` is the number of the test task that is shown first; None where there is none.
    """
    run, step = contents.run, str(contents.step)
    found = [
        (
            "Evaluate these weights",
            _command(
                *("evaluate", run.name, "--checkpoint", step, "--split", contents.split),
                *("--episodes", str(tasks)),
            ),
        ),
    ]
    if looked is not None:
        words = ("inspect", run.name, "--checkpoint", step, "--episode", str(looked))
        found.append(("Look at the task that is shown first", _command(*words)))
    return found


def report_command(
    runs: Sequence[str], contents: RunContents, checkpoint: str | None, episodes: int
) -> str:
    """Return the command that makes the report again."""
    which = str(contents.step) if len(runs) == 1 else checkpoint
    words = ["report", *runs, "--out", "report.html", "--split", contents.split]
    words += ["--episodes", str(episodes)]
    if which is not None:
        words += ["--checkpoint", which]
    return _command(*words)


def experiment_yaml(run: Run) -> str:
    """Return a run's experiment as YAML, without where its store lies."""
    return without_store_path(run.experiment).to_yaml()


def _command(*words: str) -> str:
    return shlex.join(["leo-studio", *words])


def _yaml(value: Any) -> str:
    # JSON is YAML, also where YAML would read a bare word as something else.
    return value if isinstance(value, str) else json.dumps(value)
