"""What the palette offers besides commands: presets to load, runs to show, settings to change."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7

from leo_studio.analysis.experiment.setting_labels import setting_label
from leo_studio.ui.experiment import ExperimentPanel
from leo_studio.ui.window.command_rows import PaletteEntry

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_MOST_RUNS = 200
_RUN_WEIGHT = 0.8  # their titles are long, and have many words that commands have too


def palette_entries(
    controller: "Controller",
    experiment: ExperimentPanel,
    show_run: Callable[[Path], object],
    reveal_setting: Callable[[str], object],
) -> list[PaletteEntry]:
    """Return the presets, the newest runs, and the settings of the form, as they are now."""
    presets = [
        PaletteEntry(
            f"Load preset {entry.name}",
            entry.experiment.description,
            partial(experiment.load_preset, entry.name),
        )
        for entry in controller.presets
        if entry.experiment is not None
    ]
    runs = [
        PaletteEntry(
            f"Show run {run.title}",
            run.status,
            partial(show_run, run.path),
            weight=_RUN_WEIGHT,
        )
        for run in controller.runs[:_MOST_RUNS]
    ]
    settings = [
        PaletteEntry(
            f"Setting {setting_label(path, with_section=True)}",
            "",
            partial(reveal_setting, path),
            MDI7.tune_variant,
        )
        for path in experiment.settings()
    ]
    return presets + runs + settings
