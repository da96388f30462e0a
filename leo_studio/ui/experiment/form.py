"""The form: a row for each setting of the `Experiment` schema, in sections."""

from collections.abc import Mapping, Sequence

from pydantic.fields import FieldInfo
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.config import declared, setting_values, settings
from leo_studio.analysis.experiment.draft import Draft
from leo_studio.analysis.experiment.form_layout import Group, groups
from leo_studio.analysis.experiment.problems import Problem
from leo_studio.ui.experiment.fields import Field, field_for
from leo_studio.ui.experiment.row import SettingRow
from leo_studio.ui.experiment.section import Section
from leo_studio.ui.widgets.theme import ThemeManager

_WIDE = 52  # characters from which a name and its field stand side by side
_NARROWEST = 32  # characters


class SettingsForm(QScrollArea):
    """All settings.

    `edited` has a path and its new value, `reset` a path; `left` says that the keyboard left a
    field.

    Parameters
    ----------
    themes
        Colours of names and icons.
    special
        Fields for settings that more is known of than the schema says, by path.
    beneath
        Widgets to stand beneath a setting's row, by its path.
    """

    edited = Signal(str, object)
    reset = Signal(str)
    left = Signal()
    stacked = Signal(bool)  # whether fields stand beneath their names, for want of room

    def __init__(
        self, themes: ThemeManager, special: Mapping[str, Field], beneath: Mapping[str, QWidget]
    ) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._themes = themes
        self._special = special
        self._beneath = beneath
        self._is_stacked: bool | None = None
        self.rows: dict[str, SettingRow] = {}
        self._sections: dict[Section, tuple[str, ...]] = {}  # with the paths of what is in them
        self._parts: dict[Section, Section] = {}  # "More", and the section that it is in
        self._none = QLabel()
        self._none.setProperty("role", "muted")
        self._none.setWordWrap(True)
        self._none.hide()
        content = QWidget()
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(0, 0, self.fontMetrics().averageCharWidth(), 0)
        self._layout.addWidget(self._none)
        known = dict(settings())
        for group in groups():
            self._layout.addWidget(self._section(group, known))
        self._layout.addStretch()
        self.setWidget(content)

    def show_draft(self, draft: Draft, problems: Sequence[Problem]) -> None:
        """Show every value, which differ, and what is wrong with them."""
        base, changed = setting_values(draft.base), set(draft.changed)
        wrong = {path for problem in problems for path in problem.paths}
        single = {
            problem.paths[0]: problem.sentence
            for problem in reversed(problems)
            if len(problem.paths) == 1
        }
        for path, row in self.rows.items():
            row.show_value(
                draft.values[path], base[path], single.get(path, ""), is_wrong=path in wrong
            )
        for section, paths in self._sections.items():
            own = tuple(
                problem.sentence
                for problem in problems
                if len(problem.paths) > 1 and problem.paths[0] in paths
            )
            inside = set(paths)
            section.show_state(len(changed & inside), own, len(wrong & inside))

    def search(self, text: str) -> None:
        """Show only what matches a text, unfolded; "" shows everything again."""
        wanted = text.strip()
        shown = {path for path, row in self.rows.items() if row.matches(wanted)}
        for path, row in self.rows.items():
            row.setVisible(path in shown)
        for path, widget in self._beneath.items():
            widget.setVisible(path in shown)
        for section, paths in self._sections.items():
            section.force_open(bool(wanted))
            section.setVisible(bool(shown & set(paths)))
        self._none.setVisible(not shown)
        self._none.setText(f'No setting matches "{wanted}".')

    def reveal(self, path: str) -> None:
        """Unfold, scroll to and focus a setting."""
        for section, paths in self._sections.items():
            if path in paths:
                section.open()
        row = self.rows[path]
        # What was folded away has no place yet.
        self._layout.activate()
        self.ensureWidgetVisible(row)
        row.field.input.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def minimumSizeHint(self) -> QSize:
        """Return a width in which nothing is cut off."""
        width = _NARROWEST * self.fontMetrics().averageCharWidth()
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put fields beneath their names where there is no room beside them."""
        super().resizeEvent(event)
        is_stacked = self.width() < self.fontMetrics().averageCharWidth() * _WIDE
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            for row in self.rows.values():
                row.stack(is_stacked)
            self.stacked.emit(is_stacked)

    def _section(self, group: Group, known: Mapping[str, FieldInfo]) -> Section:
        section = Section(group.title, self._themes, is_open=not group.is_collapsed)
        self._add_rows(section, group.paths, known)
        self._sections[section] = group.paths + group.rare
        if group.rare:
            more = Section("More", self._themes, is_open=False, is_part=True)
            more.setObjectName(f"more {group.title}")
            self._add_rows(more, group.rare, known)
            self._sections[more] = group.rare
            section.add(more)
        return section

    def _add_rows(
        self, section: Section, paths: Sequence[str], known: Mapping[str, FieldInfo]
    ) -> None:
        for path in paths:
            info, says = known[path], declared(known[path])
            field = self._special.get(path) or field_for(
                info, nothing=says.nothing, singly=says.is_counted_singly
            )
            row = SettingRow(path, info, field, self._themes)
            row.edited.connect(self.edited)
            row.reset.connect(self.reset)
            row.left.connect(self.left)
            self.rows[path] = row
            section.add(row)
            if path in self._beneath:
                section.add(self._beneath[path])
