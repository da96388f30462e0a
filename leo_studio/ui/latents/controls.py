"""The row above the plot: which episodes, which axes, what the mouse does, and the options."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from leo_studio.analysis.guide.glossary import LATENT_SPACE
from leo_studio.analysis.latents.options import Options, with_defaults
from leo_studio.analysis.latents.projected import METHODS
from leo_studio.analysis.latents.remembered import MOST_EPISODES, Look
from leo_studio.analysis.latents.sentences import Scope, one_words
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents.canvas import Tool
from leo_studio.ui.latents.number_popover import NumberPopover
from leo_studio.ui.latents.options_popover import OptionsPopover
from leo_studio.ui.latents.reading_help import ReadingHelp
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.glossary_links import GlossaryButton
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

COUNTS = (10, 100, 1000, 5000)  # how many episodes are offered; the options take any number
_ONE, _ANOTHER, _SELECTED = "one", "another", "selected"
_FEWEST_LETTERS = 8  # of a combo box where there is little room
_LETTERS_OF_METHOD = 11
_TIGHT_SPACING = 1  # pixels
_ENOUGH_LETTERS = 18  # of the box of episodes
_SCOPE_TIP = (
    "Which episodes are shown: one (a click in the table of episodes chooses it, too), the first "
    "ones, or those selected"
)
_LASSO_TIP = (
    "Lasso: draw around codes with the mouse to select their episodes; a code is inside with its "
    "hollow dot or with its filled one. Shift and drag does it at any time; Ctrl adds to those "
    "selected"
)


class Controls(QWidget):
    """Emits what a person chooses.

    Parameters
    ----------
    themes
        Icons.
    """

    scope_changed = Signal()
    number_chosen = Signal(int)  # of one episode
    method_chosen = Signal(str)
    options_changed = Signal(object)  # `Options`
    tool_chosen = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.options = Options()
        self.picked: frozenset[str] = frozenset()  # options that a person picked
        self._episodes = 1  # that are shown
        self._is_live = False
        self.scope = _combo("latent-scope", "Episodes", _SCOPE_TIP)
        self.method = _combo("latent-method", "Axes", "The axes that codes are placed on")
        self.lasso = QToolButton()
        self.popover = OptionsPopover(self)
        self.another = NumberPopover(self)
        self.reading = ReadingHelp(self)
        self.options_button = QToolButton()
        self._axes_label = Label("A&xes")
        self._words: GlossaryButton | None = None
        self._chosen: str | int = _ONE  # the data of what is chosen among the episodes
        self._named: list[QToolButton] = []  # they show their names where there is room
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._set_up()
        self._connect()
        themes.changed.connect(self._recolor)

    def _set_up(self) -> None:
        self.scope.addItem(one_words(0, ""), _ONE)
        self.scope.addItem("Another episode...", _ANOTHER)
        for count in COUNTS:
            self.scope.addItem(_episodes_text(count), count)
        self.scope.addItem("Selected episodes", _SELECTED)
        for key, text in METHODS.items():
            self.method.addItem(text, key)
        # "PCA" is never cut off, while the words of episodes can be.
        self.method.setMinimumWidth(_LETTERS_OF_METHOD * self.fontMetrics().averageCharWidth())
        self.lasso.setObjectName("latent-lasso")
        self.lasso.setCheckable(True)
        self.lasso.setText("Lasso")
        self.lasso.setAccessibleName("Lasso")
        self.lasso.setToolTip(as_tip(_LASSO_TIP))
        self.options_button.setObjectName("latent-options")
        self.options_button.setText("&Options")
        self.options_button.setToolTip(as_tip("What is drawn, and in which colours and shapes"))
        for button in (self.lasso, self.options_button):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.popover.show_options(self.options)

    def arrange(self, actions: Mapping[str, QAction]) -> None:
        """Lay everything out, with buttons for the panel's actions, by their names."""
        add = self._row.addWidget
        add(self.scope)
        self._axes_label.setBuddy(self.method)
        add(self._axes_label)
        add(self.method)
        add(self.lasso)
        whole = self._button(actions["reset"])
        add(whole)
        self._row.addStretch(1)
        beside = [self._button(actions[name]) for name in ("live", "paper")]
        beside.append(self.options_button)
        for button in beside:
            add(button)
        self._named = [whole, *beside, self.lasso]
        add(self._button(actions["export"]))
        self._words = GlossaryButton(LATENT_SPACE, self._themes, self)
        menu = self._words.menu()
        menu.insertAction(menu.actions()[0], actions["reading"])
        add(self._words)
        self._name_buttons()
        self._recolor(self._themes.current)

    def _connect(self) -> None:
        self.scope.activated.connect(self._choose_scope)
        self.method.activated.connect(lambda _: self.method_chosen.emit(self.method.currentData()))
        self.lasso.toggled.connect(self._choose_tool)
        self.options_button.clicked.connect(lambda: self.popover.open_below(self.options_button))
        self.popover.count.valueChanged.connect(self._choose_count)
        self.popover.number.valueChanged.connect(self.number_chosen)
        self.another.chosen.connect(self.number_chosen)
        self.popover.picked.connect(self._pick)
        self.popover.defaults_wanted.connect(self._choose_defaults)

    # Which episodes

    @property
    def chosen_scope(self) -> Scope:
        """Which episodes are shown."""
        data = self.scope.currentData()
        return next((each for each in get_args(Scope) if each == data), "first")

    @property
    def count(self) -> int:
        """How many are shown, where they are the first ones."""
        return self.popover.count.value()

    def numbers(self, selection: EpisodeSelection) -> Sequence[int]:
        """Return the numbers of the episodes that are shown."""
        if self.chosen_scope == "first":
            return range(self.count)
        if self.chosen_scope == "selected":
            return sorted(selection.selected)[:MOST_EPISODES]
        return [selection.current or 0]

    def set_scope(self, scope: Scope, count: int) -> None:
        """Show which episodes are shown, without telling of it."""
        with QSignalBlocker(self.popover.count):
            self.popover.count.setValue(count)
        if scope == "first" and self.scope.findData(count) < 0:
            self._offer(count)
        self._chosen = count if scope == "first" else scope
        self.scope.setCurrentIndex(self.scope.findData(self._chosen))
        self._enable_count()

    def name_one(self, number: int, split: str) -> None:
        """Say which episode is the one that is looked at."""
        self.scope.setItemText(self.scope.findData(_ONE), one_words(number, split))
        self._name_buttons()  # its words may be longer now
        with QSignalBlocker(self.popover.number):
            self.popover.number.setValue(number)

    def explain_plot(self) -> None:
        """Say how to read the plot."""
        if self._words is not None:
            self.reading.open_below(self._words)

    def _offer(self, count: int) -> None:
        """Put another number among those that are offered, instead of the one before it."""
        for place in range(self.scope.count() - 2, self.scope.findData(_ANOTHER), -1):
            if self.scope.itemData(place) not in COUNTS:
                self.scope.removeItem(place)
        place = self.scope.findData(_ANOTHER) + 1 + sum(each < count for each in COUNTS)
        self.scope.insertItem(place, _episodes_text(count), count)

    def _choose_scope(self, _index: int) -> None:
        data = self.scope.currentData()
        if data == _ANOTHER:
            self.scope.setCurrentIndex(self.scope.findData(self._chosen))
            self.another.ask(self.scope, self.popover.number.value())
            return
        self.set_scope(self.chosen_scope, data if isinstance(data, int) else self.count)
        self.scope_changed.emit()

    def _choose_count(self, count: int) -> None:
        self.set_scope("first", count)
        self.scope_changed.emit()

    def _enable_count(self) -> None:
        self.scope.setEnabled(not self._is_live)
        self.popover.count.setEnabled(not self._is_live)

    def set_live(self, is_live: bool) -> None:
        """Offer episodes to choose from, unless those of training are shown."""
        self._is_live = is_live
        self._enable_count()

    # How they are drawn

    def set_options(self, options: Options) -> None:
        """Set the options of drawing, and emit the signal."""
        self.options = options
        self.popover.show_options(options)
        self.options_changed.emit(options)

    def options_of(self, episodes: int) -> Options:
        """Return the options for so many episodes: what nobody picked depends on how many."""
        return with_defaults(self.options, episodes, self.picked)

    def follow(self, episodes: int) -> Options:
        """Take the options for so many episodes, without telling of it."""
        self._episodes = episodes
        self.options = self.options_of(episodes)
        self.popover.show_options(self.options)
        return self.options

    def _pick(self, name: str, value: Any) -> None:
        self.picked |= {name}
        self.set_options(replace(self.options, **{name: value}))

    def _choose_defaults(self) -> None:
        self.picked = frozenset()
        self.set_options(with_defaults(Options(), self._episodes, ()))

    def set_method(self, method: str, *, has_ellipses: bool) -> None:
        """Show which axes there are, without telling of it."""
        self.method.setCurrentIndex(self.method.findData(method))
        self.popover.show_method(METHODS[method], has_ellipses=has_ellipses)

    @property
    def look(self) -> Look:
        """All that is chosen here."""
        method: str = self.method.currentData()
        return Look(method, self.chosen_scope, self.count, self.options, self.picked)

    def set_look(self, look: Look) -> None:
        """Choose all of it; the method is the panel's to set. Emits `options_changed` alone."""
        self.picked = look.picked
        self.set_scope(look.scope, look.count)
        self.set_options(look.options)

    # The mouse, and the room that there is

    def _choose_tool(self, is_lasso: bool) -> None:
        tool: Tool = "lasso" if is_lasso else "pan"
        self.tool_chosen.emit(tool)

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the buttons where there is room."""
        super().resizeEvent(event)
        self._name_buttons()

    def minimumSizeHint(self) -> QSize:
        """Return the size without names: a row that is wide now must be able to become narrow."""
        least = self._row.minimumSize()
        if not self._axes_label.isHidden():
            gaps = self._row.spacing() + (self._row.spacing() - _TIGHT_SPACING) * len(self._named)
            least.setWidth(least.width() - self._axes_label.sizeHint().width() - gaps)
        for button in self._named:
            if button.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly:
                size = button.sizeHint()
                least.setWidth(least.width() - max(0, size.width() - size.height()))
        return least

    def _name_buttons(self) -> None:
        """Give buttons their names where the row has room; the first ones lose theirs first."""
        style = Qt.ToolButtonStyle
        for button in self._named:
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon)
        self._axes_label.show()
        self._row.setSpacing(-1)  # as the style has it
        letters = _ENOUGH_LETTERS * self.fontMetrics().averageCharWidth()
        spare = max(0, self.scope.sizeHint().width() - letters)
        for button in self._named:
            # Before the last one does, the box of episodes shortens its words.
            shortened = spare if button is self._named[-1] else 0
            if self._row.sizeHint().width() - shortened <= self.width():
                break
            button.setToolButtonStyle(style.ToolButtonIconOnly)
        else:  # the boxes need the room of the last word, too
            words = sum(map(_Box.least_width, (self.scope, self.method)))
            others = self._row.minimumSize().width()
            others -= self.scope.minimumWidth() + self.method.minimumWidth()
            is_tight = others + words > self.width()
            self._axes_label.setVisible(not is_tight)
            self._row.setSpacing(_TIGHT_SPACING if is_tight else -1)

    def _recolor(self, _theme: Theme) -> None:
        self.lasso.setIcon(self._themes.icon(MDI7.lasso))
        self.options_button.setIcon(self._themes.icon(MDI7.tune_variant))


class _Box(ElidingBox):
    """A box that has room for the longest of its words, or shortens them where there is less."""

    def sizeHint(self) -> QSize:
        """Return room for all words; Qt forgets what stands around them in this style."""
        hint = super().sizeHint()
        around = self.wanted_width() - self.fontMetrics().horizontalAdvance(self.currentText())
        texts = (self.itemText(place) for place in range(self.count()))
        widest = max(map(self.fontMetrics().horizontalAdvance, texts), default=0)
        return QSize(max(hint.width(), widest + around), hint.height())

    def least_width(self) -> int:
        """Return the width of the beginning of its words, with all that stands around them."""
        metrics = self.fontMetrics()
        around = self.wanted_width() - metrics.horizontalAdvance(self.currentText())
        return around + _FEWEST_LETTERS * metrics.averageCharWidth()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()


def _combo(name: str, spoken: str, tip: str) -> _Box:
    """Return an empty combo box that becomes narrow where there is little room."""
    combo = _Box(Qt.TextElideMode.ElideRight)
    combo.setObjectName(name)
    combo.setAccessibleName(spoken)
    combo.setToolTip(as_tip(tip))
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    combo.setMinimumWidth(_FEWEST_LETTERS * combo.fontMetrics().averageCharWidth())
    combo.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return combo


def _episodes_text(count: int) -> str:
    return f"First {count:,} episodes" if count != 1 else "First episode"
