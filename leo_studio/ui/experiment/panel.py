"""The Experiment panel."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.config import Data, Experiment, experiment_from_yaml, used_settings
from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.paths import is_file
from leo_studio.analysis.experiment.command_line import command_line
from leo_studio.analysis.experiment.draft import Draft
from leo_studio.analysis.experiment.draft_history import History
from leo_studio.analysis.experiment.own_functions import FILE
from leo_studio.analysis.experiment.problems import Problem, Surroundings, find_problems
from leo_studio.analysis.experiment.setting_labels import setting_label
from leo_studio.services.records import Notice, StoreEntry, TrainingStatus
from leo_studio.ui.experiment.commands import add_commands
from leo_studio.ui.experiment.data_picker import DataPicker
from leo_studio.ui.experiment.dialogs import SavePresetDialog, TextDialog
from leo_studio.ui.experiment.fields import ChoiceField, Field
from leo_studio.ui.experiment.file_field import FunctionFileField
from leo_studio.ui.experiment.file_reading import FileReading
from leo_studio.ui.experiment.form import SettingsForm
from leo_studio.ui.experiment.header import Header
from leo_studio.ui.experiment.launch import LaunchCard
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.file_dialogs import ask_new_file
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

FIRST_PRESET = "glyphs-5way-1shot"
_RUN = "run "  # before a run's name, where settings come from a run
_MOST_RECENT = 10


class ExperimentPanel(QWidget):
    """Edits the experiment that is trained next.

    `changed` says that `experiment()` may be another; `train_wanted` and `queue_wanted` have the
    `Experiment` to train now, or after what trains; `recent_changed` has the tuple of names that
    `set_recent` may be given at the next start; `import_wanted` asks for data to be imported.
    """

    changed = Signal()
    train_wanted = Signal(object)
    queue_wanted = Signal(object)
    recent_changed = Signal(object)
    import_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("experiment")
        self._controller = controller
        self._recent: tuple[str, ...] = ()
        self._known_stores: dict[str, StoreEntry | None] = {}
        self._problems: tuple[Problem, ...] = ()
        self._is_first = not any(controller.library.runs.glob("*/run.json"))
        # What the panel begins with is nothing that somebody did, and so not undone.
        self._is_untouched = True
        self._history = History(Draft.of(self._first_experiment()))
        self._commands = add_commands(self, self, actions)
        self.undo_target = self._commands.undo_target
        offered = (self._commands.save, self._commands.yaml, self._commands.copy)
        self._header = Header(themes, offered, self)
        self._data = DataPicker(controller, themes)
        self._files = FileReading(controller, self)
        special: dict[str, Callable[[], Field]] = {
            "data.store": lambda: self._data.field,
            FILE: partial(FunctionFileField, LastFolder(controller.library.root, "open")),
            "run.device": self._device_field,
        }
        self._form = SettingsForm(themes, special, {"data.store": self._data}, self)
        self._launch = LaunchCard(themes)
        layout = QVBoxLayout(self)
        layout.addWidget(self._header)
        layout.addWidget(self._form, 1)
        layout.addWidget(self._launch)
        self._connect()
        self._data.field.show_stores(controller.stores)
        self._show_presets()
        self._show_status(controller.status)
        self._refresh()

    def experiment(self) -> Experiment | None:
        """Return what would be trained; None while a value is wrong or the data is not there."""
        return None if self._problems else self._history.draft.experiment()

    @property
    def preset(self) -> str:
        """The name of the experiment that the form began with."""
        return self._history.draft.base.name

    @property
    def is_edited(self) -> bool:
        """Whether a setting, the store aside, differs from what the form began with."""
        return bool(set(self._history.draft.changed) - {"data.store"})

    @property
    def why_not(self) -> str:
        """Why the experiment in the form cannot be trained: what is to be put right first."""
        return self._problems[0].sentence if self._problems else ""

    # Where settings come from

    def load(self, experiment: Experiment, base: Experiment | None = None, title: str = "") -> None:
        """Put an experiment into the form; it can be undone.

        Parameters
        ----------
        experiment
            All settings.
        base
            What differences are counted against; the experiment itself by default.
        title
            What people call that, such as a preset's name or "run NAME".
        """
        draft = Draft.of(experiment, base, title)
        if self._is_untouched:
            self._history = History(draft)
        else:
            self._history.edit(f"switch to {draft.title}", draft)
        self._is_untouched = False
        self._header.line.clear()
        self._refresh()
        if self._can_reopen(draft.title):
            self._recent = (draft.title, *(name for name in self._recent if name != draft.title))
            self._recent = self._recent[:_MOST_RECENT]
            self._show_presets()
            self.recent_changed.emit(self._recent)

    def remembered(self) -> dict[str, object]:
        """Return the experiment in the form, or what it began with where a value is wrong."""
        draft = self._history.draft
        experiment = draft.experiment() or draft.base
        return {
            "experiment": experiment.to_yaml(),
            "base": draft.base.to_yaml(),
            "title": draft.title,
        }

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Begin with an experiment of an earlier session, unless one was loaded already."""
        if not self._is_untouched:
            return
        texts = [str(remembered.get(name, "")) for name in ("experiment", "base")]
        try:
            experiment, base = (experiment_from_yaml(text, "window-memory.json") for text in texts)
        except BadInput:  # settings of another version
            return
        title = str(remembered.get("title", ""))
        self._history = History(Draft.of(experiment, base, title))
        self._refresh()

    def load_preset(self, name: str) -> None:
        """Load a preset by name, an experiment file by path, or "run NAME"."""
        try:
            experiment = self._run_settings(name) or self._controller.library.experiment(name)
        except BadInput as error:
            self._controller.notify_failure(error)
        else:
            self.load(experiment, title=name)

    def set_recent(self, names: tuple[str, ...]) -> None:
        """Set the presets that were used last, the latest first."""
        self._recent = tuple(names)
        self._show_presets()

    def use_store(self, name_or_path: str) -> None:
        """Train on another store."""
        self._edit("data.store", name_or_path)

    def settings(self) -> tuple[str, ...]:
        """Return the dotted paths of the settings that the form shows now."""
        return tuple(path for path, _ in used_settings(self._history.draft.kinds))

    def reveal(self, path: str) -> None:
        """Show a setting and put the keyboard there."""
        self._header.line.clear()
        self._form.reveal(path)

    # What the menus offer

    def train(self) -> None:
        """Ask for the experiment to be trained, or queued while something trains."""
        experiment = self.experiment()
        if experiment is not None:
            self._history.seal()
            is_active = self._controller.status.is_active
            (self.queue_wanted if is_active else self.train_wanted).emit(experiment)

    def undo(self) -> None:
        """Take the last edit back."""
        self._history.undo()
        self._refresh()

    def redo(self) -> None:
        """Make again what was taken back."""
        self._history.redo()
        self._refresh()

    def reset_all(self) -> None:
        """Take everything back that differs from the preset."""
        self._history.edit("reset of all settings", self._history.draft.reset_all())
        self._refresh()

    def find_setting(self) -> None:
        """Put the keyboard where settings are looked for."""
        self._header.line.setFocus()
        self._header.line.selectAll()

    def choose_preset(self) -> None:
        """Open the list of presets."""
        self._header.picker.open()

    def choose_store(self) -> None:
        """Ask for the file of a store to train on."""
        self._data.locate()

    def tell_how_to_get_data(self) -> None:
        """Say how embeddings are got."""
        self._data.tell_how()

    def ask_for_preset_name(self) -> None:
        """Ask for a name and keep the settings as a preset."""
        values = self._history.draft.values
        presets = self._controller.presets
        dialog = SavePresetDialog(
            str(values["name"]),
            str(values["description"]),
            {preset.name for preset in presets if not preset.is_built_in},
            {preset.name for preset in presets if preset.is_built_in},
            self,
        )
        dialog.named.connect(self._save_preset)
        dialog.open()

    def show_yaml(self) -> None:
        """Show the whole experiment as YAML."""
        experiment = self._history.draft.experiment()
        if experiment is None:
            return
        text = experiment.to_yaml()
        dialog = TextDialog(f"{experiment.name} as YAML", text, self)
        dialog.save_wanted.connect(
            lambda: ask_new_file(
                dialog,
                "Save as YAML",
                "Experiments (*.yaml)",
                f"{experiment.name}.yaml",
                lambda path: self._write(Path(path), text),
                LastFolder(self._controller.library.root, "export"),
            )
        )
        dialog.open()

    def copy_command(self) -> None:
        """Copy the command that trains the same experiment in a terminal."""
        experiment = self._history.draft.experiment()
        if experiment is None:
            return
        presets = {
            preset.name: preset.experiment
            for preset in self._controller.presets
            if preset.experiment is not None
        }
        try:
            line = command_line(experiment, presets, near=self._history.draft.title)
        except BadInput as error:
            self._controller.notify_failure(error)
            return
        QGuiApplication.clipboard().setText(line)
        self._controller.notified.emit(Notice("information", "The command is copied.", line))

    # Inside

    def _connect(self) -> None:
        controller = self._controller
        self._header.searched.connect(self._form.search)
        self._header.reset_all_wanted.connect(self.reset_all)
        self._header.picker.picked.connect(self.load_preset)
        self._form.edited.connect(self._edit)
        self._form.reset.connect(self._reset)
        self._form.left.connect(self._history_seal)
        self._form.stacked.connect(self._data.stack)
        self._data.chosen.connect(self.use_store)
        self._data.import_wanted.connect(self.import_wanted)
        self._header.picker.import_wanted.connect(self.import_wanted)
        self._launch.train_wanted.connect(self.train)
        self._launch.reveal_wanted.connect(self.reveal)
        self._files.known.connect(self._refresh)
        controller.presets_changed.connect(self._show_presets)
        controller.stores_changed.connect(self._show_stores)
        controller.status_changed.connect(self._show_status)
        controller.runs_changed.connect(self._show_runs)

    def _edit(self, path: str, value: object) -> None:
        self._is_untouched = False
        self._history.edit(setting_label(path), self._history.draft.with_value(path, value), path)
        self._refresh()

    def _reset(self, path: str) -> None:
        self._history.edit(f"reset of {setting_label(path)}", self._history.draft.reset(path))
        self._refresh()

    def _history_seal(self) -> None:
        self._history.seal()

    def _refresh(self) -> None:
        """Judge the draft anew and show it everywhere."""
        draft = self._history.draft
        name = self._store_name
        store = self._store(name) if name else None
        own = self._files.of(str(draft.values.get(FILE) or ""))
        surroundings = Surroundings(
            store, self._controller.devices, self._controller.device_reason, own
        )
        self._problems = find_problems(draft, surroundings)
        self._header.show_draft(draft)
        self._data.show_store(name, store, str(draft.values.get("data.access", "auto")))
        remarks = {FILE: own.words} if own is not None and own.words else {}
        self._form.show_draft(draft, self._problems, {**draft.remarks, **remarks})
        self._show_launch()
        self._commands.follow(self._history, "" if draft.experiment() is not None else self.why_not)
        self.changed.emit()

    def _show_launch(self) -> None:
        is_first = self._is_first and self._store_name == "glyphs"
        self._launch.show_experiment(self.experiment(), self._problems, is_first=is_first)

    @property
    def _store_name(self) -> str:
        """The store that is named; "" where tasks need none."""
        return str(self._history.draft.values.get("data.store", ""))

    def _store(self, name: str) -> StoreEntry | None:
        """Return what a store holds; None for glyphs that are drawn when they are needed."""
        library = self._controller.library
        if name not in self._known_stores:
            if library.must_draw(name):
                return None
            known = {store.name: store for store in self._controller.stores}
            store = known.get(name) or self._controller.store(name)
            if store.path.parent == library.stores and not store.path.is_file():
                store = replace(store, problem=f'No store named "{name}" is in the library yet.')
            self._known_stores[name] = store
        return self._known_stores[name]

    def _show_stores(self) -> None:
        self._known_stores.clear()
        self._data.field.show_stores(self._controller.stores)
        self._refresh()

    def _show_presets(self) -> None:
        recent = [name for name in self._recent if self._can_reopen(name)]
        self._header.picker.show_presets(
            self._controller.presets, recent, self._controller.library.store_state
        )

    def _show_status(self, status: TrainingStatus) -> None:
        self._launch.show_queueing(status.is_active)
        if status.is_active and self._is_first:
            self._is_first = False
            self._show_launch()

    def _show_runs(self) -> None:
        self._is_first = self._is_first and not self._controller.runs
        self._show_launch()
        self._show_presets()

    def _save_preset(self, name: str, description: str) -> None:
        experiment = self._history.draft.experiment()
        if experiment is None:
            return
        try:
            named = experiment.with_settings({"name": name, "description": description})
            self._controller.save_preset(name, named)
        except BadInput as error:
            self._controller.notify_failure(error)
            return
        self.load(named, title=name)
        self._controller.notified.emit(Notice("success", f"{name} is among your presets."))

    def _write(self, path: Path, text: str) -> None:
        try:
            write_text(path, text)
        except BadInput as error:
            self._controller.notify_failure(error)

    def _can_reopen(self, name: str) -> bool:
        return (
            any(preset.name == name and preset.experiment for preset in self._controller.presets)
            or self._run_settings(name) is not None
            or (name.endswith((".yaml", ".yml")) and is_file(Path(name)))
        )

    def _run_settings(self, title: str) -> Experiment | None:
        for run in self._controller.runs:
            if title == _RUN + run.title:
                return run.experiment
        return None

    def _first_experiment(self) -> Experiment:
        try:
            return self._controller.library.experiment(FIRST_PRESET)
        except BadInput:
            # Somebody's own preset of that name cannot be read.
            return Experiment(name="experiment", data=Data(store="glyphs"))

    def _device_field(self) -> ChoiceField:
        devices = [
            (f"{each.name}: {each.description}", each.name) for each in self._controller.devices
        ]
        found = "CPU" if self._controller.device_reason else "GPU"  # why is in the status bar
        return ChoiceField([(f"auto ({found})", "auto"), *devices])
