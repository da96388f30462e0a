"""A part of the form that can be folded away."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from leo_studio.analysis.experiment.form_layout import breakable
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.theme import ThemeManager


class Section(QWidget):
    """A heading, and what is under it while it is open.

    superqt's QCollapsible sets fixed heights, which an error beneath a field would overflow.
    """

    def __init__(
        self,
        title: str,
        themes: ThemeManager,
        parent: QWidget | None = None,
        *,
        is_open: bool = True,
        is_part: bool = False,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._is_open = is_open
        self._is_forced = False
        self._end: Section | None = None
        self._header = QToolButton(self)
        self._header.setObjectName(f"section {title}")
        self._header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._header.setText(title)
        self._header.clicked.connect(self._toggle)
        font = self._header.font()
        font.setBold(not is_part)
        self._header.setFont(font)
        self._notes = Label(parent=self)
        self._notes.setObjectName(f"notes {title}")
        self._notes.setWordWrap(True)
        self.content = QWidget(self)  # the parent of what is put under the heading
        self._problem = Label(parent=self.content)
        self._problem.setWordWrap(True)
        self._problem.setProperty("role", "error")
        self._rows = QVBoxLayout(self.content)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(self.fontMetrics().height() // 4)
        self._rows.addWidget(self._problem)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0 if is_part else self.fontMetrics().height() // 2)
        layout.setSpacing(self.fontMetrics().height() // 4)
        top = QHBoxLayout()
        top.addWidget(self._header)
        top.addWidget(self._notes, 1)
        layout.addLayout(top)
        layout.addWidget(self.content)
        themes.changed.connect(self._show)
        themes.settled.connect(self._show)  # what was hidden has the text's size, too
        self.show_state(0, ())
        self._show()

    def add(self, widget: QWidget) -> None:
        """Put something under the heading, and before the part that the section ends with."""
        self._rows.insertWidget(-1 if self._end is None else self._rows.count() - 1, widget)

    def end_with(self, part: "Section") -> None:
        """Put a part under the heading, beneath all that is there and that is still to come."""
        self._rows.addWidget(part)
        self._end = part

    def keyboard_stops(self) -> list[QWidget]:
        """Return the widgets at which the keyboard stops, from top to bottom."""
        items = [self._rows.itemAt(place) for place in range(self._rows.count())]
        stops: list[QWidget] = [self._header]
        for widget in [item.widget() for item in items if item is not None]:
            if isinstance(widget, Section):
                stops += widget.keyboard_stops()
            elif widget is not None:
                stops += [each for each in widget.findChildren(QWidget) if _is_stop(each, widget)]
        return stops

    def open(self) -> None:
        """Unfold it."""
        self._is_open = True
        self._show()

    @property
    def is_open(self) -> bool:
        """Whether its rows are shown."""
        return self._is_open or self._is_forced

    def force_open(self, is_forced: bool) -> None:
        """Unfold it for as long as something is being looked for."""
        self._is_forced = is_forced
        self._show()

    def show_state(self, changed: int, sentences: tuple[str, ...], wrong: int = 0) -> None:
        """Say how many settings differ and are wrong, and what is wrong with several together."""
        notes = [f"{changed} changed"] if changed else []
        notes += [f"{wrong} to correct"] if wrong else []
        self._notes.setText(", ".join(notes))
        set_role(self._notes, "error" if wrong else "muted")
        self._problem.setText(breakable(" ".join(sentences)))
        self._problem.setVisible(bool(sentences))

    def _toggle(self) -> None:
        self._is_open = not self.is_open
        self._is_forced = False
        self._show()

    def _show(self, _theme: object = None) -> None:
        glyph = MDI7.chevron_down if self.is_open else MDI7.chevron_right
        self._header.setIcon(self._themes.icon(glyph))
        height = self._header.fontMetrics().height()
        self._header.setIconSize(QSize(height, height))
        self._header.setAccessibleDescription("open" if self.is_open else "folded away")
        self.content.setVisible(self.is_open)


def _is_stop(widget: QWidget, owner: QWidget) -> bool:
    """Whether Tab stops at a widget itself, in no window of its own such as a list that pops up."""
    takes_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return takes_tab and widget.focusProxy() is None and widget.window() is owner.window()
