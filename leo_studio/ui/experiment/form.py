"""The form: a row for each setting of the `Experiment` schema, in sections."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.config import DEFAULT_KINDS, Kinds, all_kinds, declared, kinds_of, settings
from engine.io.names import nearest_name
from leo_studio.analysis.experiment.draft import Draft
from leo_studio.analysis.experiment.form_layout import groups
from leo_studio.analysis.experiment.problems import Problem
from leo_studio.ui.experiment.fields import ChoiceField, Field, field_for
from leo_studio.ui.experiment.row import RESET_KEYS, SettingRow
from leo_studio.ui.experiment.section import Section
from leo_studio.ui.widgets.labels import Label
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
        Make fields for settings that more is known of than the schema says, by path.
    beneath
        Widgets to stand beneath a setting's row, by its path.
    """

    edited = Signal(str, object)
    reset = Signal(str)
    left = Signal()
    stacked = Signal(bool)  # whether fields stand beneath their names, for want of room

    def __init__(
        self,
        themes: ThemeManager,
        special: Mapping[str, Callable[[], Field]],
        beneath: Mapping[str, QWidget],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._themes = themes
        self._special = dict(special)
        for name in Kinds._fields:
            titles = [(section.title, kind) for kind, section in kinds_of(name).items()]
            self._special[f"{name}.kind"] = partial(ChoiceField, titles)
        self._beneath = beneath
        self._is_stacked: bool | None = None
        self._kinds = DEFAULT_KINDS
        self._wanted = ""
        self._rows: dict[tuple[str, str], SettingRow] = {}  # by whose they are, and their paths
        self._sections: dict[str, Section] = {}  # by their titles
        self._parts: dict[str, Section] = {}  # "More" in each section that has one
        # Whatever changes its parent is styled again, with all that is in it: parents come first.
        content = QWidget()
        self.setWidget(content)
        self._none = Label(parent=content)
        self._none.setProperty("role", "muted")
        self._none.setWordWrap(True)
        self._none.hide()
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(0, 0, self.fontMetrics().averageCharWidth(), 0)
        self._layout.addWidget(self._none)
        for title in dict.fromkeys(group.title for kinds in all_kinds() for group in groups(kinds)):
            self._add_section(title, content)
        self._layout.addStretch()
        self._made: set[Kinds] = set()  # those whose rows are there
        # The keyboard's way to the buttons, at which Tab does not stop.
        reset = QShortcut(QKeySequence(RESET_KEYS), self)
        reset.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        reset.activated.connect(self._reset_focused)
        self._show_rows()

    @property
    def rows(self) -> dict[str, SettingRow]:
        """The rows of the settings that the experiment in the form has, by path."""
        return {
            path: self._rows[_owner(path, self._kinds), path]
            for group in groups(self._kinds)
            for path in group.paths + group.rare
        }

    def show_draft(
        self, draft: Draft, problems: Sequence[Problem], remarks: Mapping[str, str]
    ) -> None:
        """Show every value, which differ, what is wrong with them, and what is remarked of them."""
        base, changed = draft.base_values, set(draft.changed)
        wrong = {path for problem in problems for path in problem.paths}
        single = {
            problem.paths[0]: problem.sentence
            for problem in reversed(problems)
            if len(problem.paths) == 1
        }
        if draft.kinds != self._kinds:
            self._kinds = draft.kinds
            self._show_rows()
        for path, row in self.rows.items():
            is_used = path not in draft.replaced
            value, before = (draft.values[path], base[path]) if is_used else (None, None)
            row.show_value(value, before, single.get(path, ""), is_wrong=path in wrong)
            row.show_remark(remarks.get(path, ""), is_used=is_used)
        for section, paths in self._shown_sections():
            own = tuple(
                problem.sentence
                for problem in problems
                if len(problem.paths) > 1 and problem.paths[0] in paths
            )
            inside = set(paths)
            section.show_state(len(changed & inside), own, len(wrong & inside))

    def search(self, text: str) -> None:
        """Show only what matches a text, unfolded; "" shows everything again."""
        self._wanted = text.strip()
        self._show_rows()

    def _show_rows(self) -> None:
        """Show the settings that the experiment in the form has and that are looked for."""
        if self._kinds not in self._made:
            self._make_rows(self._kinds)
        own = self.rows
        shown = {path for path, row in own.items() if row.matches(self._wanted)}
        for (_, path), row in self._rows.items():
            row.setVisible(path in shown and own[path] is row)
        for path, widget in self._beneath.items():
            widget.setVisible(path in shown)
        with_some = {section for section, paths in self._shown_sections() if shown & set(paths)}
        for section in (*self._sections.values(), *self._parts.values()):
            section.force_open(bool(self._wanted))
            section.setVisible(section in with_some)
        self._none.setVisible(not shown)
        meant = nearest_name(self._wanted, (path.rpartition(".")[2] for path in own))
        hint = "." if meant is None else f"; did you mean {meant}?"
        self._none.setText(f'No setting matches "{self._wanted}"{hint}')

    def _shown_sections(self) -> Iterator[tuple[Section, tuple[str, ...]]]:
        """Iterate over the sections, and "More" inside them, with the settings in each."""
        for group in groups(self._kinds):
            yield self._sections[group.title], group.paths + group.rare
            if group.rare:
                yield self._parts[group.title], group.rare

    def reveal(self, path: str) -> None:
        """Unfold, scroll to and focus a setting."""
        for section, paths in self._shown_sections():
            if path in paths:
                section.open()
        row = self.rows[path]
        # What was folded away has no place yet.
        self._layout.activate()
        self.ensureWidgetVisible(row)
        row.field.input.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _reset_focused(self) -> None:
        """Reset the setting where the keyboard is."""
        for path, row in self.rows.items():
            if (focused := QApplication.focusWidget()) and row.isAncestorOf(focused):
                self.reset.emit(path)

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
            for row in self._rows.values():
                row.stack(is_stacked)
            self.stacked.emit(is_stacked)

    def _add_section(self, title: str, content: QWidget) -> None:
        """Add a section without rows, with "More" where some kind of experiment has rare ones."""
        of_kinds = [group for kinds in all_kinds() for group in groups(kinds)]
        own = [group for group in of_kinds if group.title == title]
        is_open = not own[0].is_collapsed
        section = self._sections[title] = Section(title, self._themes, content, is_open=is_open)
        if any(group.rare for group in own):
            more = self._parts[title] = Section(
                "More", self._themes, section.content, is_open=False, is_part=True
            )
            more.setObjectName(f"more {title}")
            section.end_with(more)
        self._layout.addWidget(section)

    def _make_rows(self, kinds: Kinds) -> None:
        """Make the rows that an experiment of some kinds has and that are not there yet.

        Two thirds of all rows are of kinds that are not looked at; the window would wait for them.
        """
        self._made.add(kinds)
        for group in groups(kinds):
            self._add_rows(self._sections[group.title], group.paths, kinds)
            if group.rare:
                self._add_rows(self._parts[group.title], group.rare, kinds)
        # The keyboard goes through widgets in the order in which they were made, if it is not told.
        stops = [stop for section in self._sections.values() for stop in section.keyboard_stops()]
        for stop, following in pairwise(stops):
            QWidget.setTabOrder(stop, following)

    def _add_rows(self, section: Section, paths: Sequence[str], kinds: Kinds) -> None:
        known = dict(settings(kinds))
        for path in paths:
            owner = _owner(path, kinds)
            if (owner, path) in self._rows:
                continue
            info, says = known[path], declared(known[path])
            make_field = self._special.get(path) or partial(
                field_for, info, nothing=says.nothing, singly=says.is_counted_singly
            )
            row = SettingRow(path, info, make_field(), self._themes, section.content)
            row.edited.connect(self.edited)
            row.reset.connect(self.reset)
            row.left.connect(self.left)
            if self._is_stacked is not None:
                row.stack(self._is_stacked)
            self._rows[owner, path] = row
            section.add(row)
            if path in self._beneath:
                section.add(self._beneath[path])


def _owner(path: str, kinds: Kinds) -> str:
    """Return the kind whose setting it is; "" for one that all kinds share, as the kind itself."""
    name, _, key = path.partition(".")
    return "" if key == "kind" else kinds._asdict().get(name, "")
