"""One setting in the form: its name, its field, whether it differs, and what is wrong with it."""

import html

from fonticon_mdi7 import MDI7
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from engine.config import allowed_values, declared
from leo_studio.analysis.experiment.form_layout import breakable
from leo_studio.analysis.guide.glossary import SETTINGS
from leo_studio.analysis.typed_numbers import number_text
from leo_studio.ui.experiment.fields import Field
from leo_studio.ui.widgets.glossary_links import HINT, explain
from leo_studio.ui.widgets.kept_place import keep_place
from leo_studio.ui.widgets.labels import Label, MarkupLabel
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

RESET_KEYS = "Ctrl+Shift+Backspace"
_NAME_SHARE, _FIELD_SHARE = 4, 5  # of the width, where a field stands beside its name


class SettingRow(QWidget):
    """One setting.

    `edited` has its path and the new value, `reset` its path.
    """

    edited = Signal(str, object)
    reset = Signal(str)
    left = Signal()

    def __init__(
        self,
        path: str,
        info: FieldInfo,
        field: Field,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.field = field
        self.setObjectName(path)
        self._setting = info
        self._declared = declared(info)
        self._themes = themes
        self._base: object = None
        self._is_changed = False
        self._is_narrow = False
        # At rest: in the middle of a change of the theme, asking styles for sizes has crashed.
        self._placing = QTimer(self, singleShot=True, interval=0)
        self._placing.timeout.connect(self._place_field)
        field.setParent(self)  # before the button, as the keyboard goes
        self._dot = MarkupLabel(parent=self)
        self._label = MarkupLabel(parent=self)
        self._label.setWordWrap(True)
        self._label.setBuddy(field)
        self._reset = QToolButton(self)
        self._reset.setObjectName(f"reset {path}")
        self._reset.setStyleSheet("padding: 1px")
        # Tab goes from field to field: it must not depend on what was just typed. Keys: see `form`.
        self._reset.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._reset.clicked.connect(lambda: self.reset.emit(self.path))
        keep_place(self._reset)
        self._problem = Label(parent=self)
        self._problem.setObjectName(f"problem {path}")
        self._problem.setProperty("role", "error")
        self._problem.setWordWrap(True)
        self._remark = Label(parent=self)
        self._remark.setObjectName(f"remark {path}")
        self._remark.setProperty("role", "muted")
        self._remark.setWordWrap(True)
        self._lay_out()
        field.input.setAccessibleName(self._declared.label)
        field.edited.connect(lambda value: self.edited.emit(self.path, value))
        field.left.connect(self.left)
        if entry := SETTINGS.get(path):
            explain(entry, self._label, field.input)
        themes.changed.connect(self._paint)
        self._paint()

    def _lay_out(self) -> None:
        left, right = QHBoxLayout(), QHBoxLayout()
        self._left, self._right = left, right
        left.setSpacing(self.fontMetrics().averageCharWidth() // 2)
        left.addWidget(self._dot)
        left.addWidget(self._label, 1)
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self.field, 1)
        right.addWidget(self._reset)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.addLayout(left, _NAME_SHARE)
        self._line.addLayout(right, _FIELD_SHARE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(self._line)
        for label in (self._remark, self._problem):
            layout.addWidget(label)
            # In line with the name, which stands beside the mark of what differs.
            label.setIndent(self.fontMetrics().horizontalAdvance("\u25cf") + left.spacing())
            label.hide()
        self._reset.hide()

    def show_value(self, value: object, base: object, sentence: str, *, is_wrong: bool) -> None:
        """Show a value, what it is in the base, and what is wrong with it.

        Parameters
        ----------
        value, base
            The setting in the draft and in what it differs from.
        sentence
            What is wrong with this setting alone; "" for nothing.
        is_wrong
            Whether the field is marked, also where a sentence elsewhere is about it.
        """
        self.field.show_value(value)
        self._place_field()
        self.field.show_wrong(is_wrong)
        self._problem.setText(breakable(sentence))
        self._problem.setVisible(bool(sentence))
        is_changed = value != base
        self._reset.setVisible(is_changed)
        if (is_changed, base) != (self._is_changed, self._base):
            self._is_changed, self._base = is_changed, base
            self._paint()
        self.field.input.setAccessibleDescription(
            sentence or (f"differs: it was {shown(base)}" if is_changed else "")
        )

    def show_remark(self, sentence: str, *, is_used: bool) -> None:
        """Say what other settings make of this one; one that is not used cannot be changed."""
        self._remark.setText(sentence)
        self._remark.setVisible(bool(sentence))
        self._label.setEnabled(is_used)
        self.field.setEnabled(is_used)
        if not is_used:
            self.field.input.setAccessibleDescription(sentence)

    def stack(self, is_stacked: bool) -> None:
        """Put the field beneath its name, where the panel is narrow, or beside it."""
        self._is_narrow = is_stacked
        self._placing.start()

    def _place_field(self) -> None:
        """Put the field beneath its name, too, where there alone all of its value is seen."""
        gap = self.fontMetrics().averageCharWidth()
        beside = (self.width() - gap) * _FIELD_SHARE // (_NAME_SHARE + _FIELD_SHARE)
        beside -= self._reset.sizeHint().width() + gap
        wanted_width = max(self.field.wanted_width(), self.field.minimumSizeHint().width())
        is_stacked = self._is_narrow or wanted_width > beside
        direction = QBoxLayout.Direction
        wanted = direction.TopToBottom if is_stacked else direction.LeftToRight
        # In line with the name, which stands beside the mark of what differs.
        indent = self._dot.sizeHint().width() + self._left.spacing() if is_stacked else 0
        # Only what is another: each of these asks for the layout, which looks here again.
        if self._line.direction() != wanted:
            self._line.setDirection(wanted)
        if self._line.spacing() != (spacing := 1 if is_stacked else gap):
            self._line.setSpacing(spacing)
        if self._right.spacing() != gap:  # else the line's own, which depends on the place
            self._right.setSpacing(gap)
        if self._right.contentsMargins().left() != indent:
            self._right.setContentsMargins(indent, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the field the place that the new width asks for."""
        super().resizeEvent(event)
        self._placing.start()

    def event(self, event: QEvent) -> bool:
        """Look again where the field goes when its value or the text's size is another."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._placing.start()
        return super().event(event)

    def matches(self, wanted: str) -> bool:
        """Whether somebody who looks for a text may mean this setting."""
        about = self._declared
        texts = (self.path, about.label, about.unit, self._description, about.symbol)
        everything = " ".join((*texts, allowed_values(self._setting))).casefold()
        return all(word in everything for word in wanted.casefold().split())

    @property
    def _description(self) -> str:
        return self._setting.description or ""

    def _paint(self, _theme: object = None) -> None:
        theme = self._themes.current
        dot = theme.accent if self._is_changed else "transparent"
        name = html.escape(self._declared.label)
        name = f"<b>{name}</b>" if self._is_changed else name
        unit = ", ".join(each for each in (self._declared.symbol, self._declared.unit) if each)
        unit = f" <span style='color:{theme.muted}'>{html.escape(unit)}</span>" if unit else ""
        self._dot.setText(f"<span style='color:{dot}'>\u25cf</span>")
        self._label.setText(name + unit)
        self._reset.setIcon(self._themes.icon(MDI7.undo_variant))
        self._reset.setToolTip(as_tip(f"Reset to {shown(self._base)} ({RESET_KEYS})"))
        self._reset.setAccessibleName(f"Reset {self._declared.label} to {shown(self._base)}")
        tip = self._tip()
        self._label.setToolTip(tip)
        self.field.input.setToolTip(tip)

    def _tip(self) -> str:
        symbol = f" &nbsp; {html.escape(self._declared.symbol)}" if self._declared.symbol else ""
        lines = [
            f"<b>{self.path}</b>{symbol}",
            html.escape(self._description),
            f"It takes {html.escape(allowed_values(self._setting))}.",
            f"As in the preset or run above: {html.escape(shown(self._base))}.",
        ]
        default = self._setting.get_default()
        if default is not PydanticUndefined:
            lines.append(f"Default: {html.escape(shown(default))}.")
        if self.path in SETTINGS:
            lines.append(f"<i>{HINT}</i>")
        return "<p style='white-space:normal'>" + "<br>".join(lines) + "</p>"


def shown(value: object) -> str:
    """Write a setting's value for people."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    if isinstance(value, int | float):
        return number_text(value)
    return f'"{value}"' if isinstance(value, str) and not value else str(value)
