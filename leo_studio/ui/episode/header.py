"""The header of the page: the episode, the weights that see it, and what can be done with it."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.comparison.differences import same_episodes_problem
from leo_studio.analysis.guide.glossary import EPISODE
from leo_studio.services.episode_links import MOST_SAMPLES, SAMPLES
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.glossary_links import GlossaryButton
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.popover import PopoverButton
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LARGEST_NUMBER = 2**31 - 1
_NOTHING = "Compare with..."
WHAT_IF_TIP = "Change the support set or the steps, and see both results beside each other"
LOST_TIP = "This checkpoint is no longer kept, so nothing can be computed with it; use another one"
KEPT_TIP = "A kept episode stays as it was kept; go back to the run to change an episode"
_LETTERS = 10
_FEWEST_LETTERS = 8  # where there is no more room
_FEWEST_DIGITS = 7


class EpisodeHeader(QWidget):
    """Says which episode is looked at, and asks for others.

    Parameters
    ----------
    themes
        Icons.
    """

    number_wanted = Signal(int)
    next_wanted = Signal()
    previous_wanted = Signal()
    samples_changed = Signal(int)
    what_if_toggled = Signal(bool)
    comparison_wanted = Signal(object)  # `EpisodeSource`, or None
    back_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.title = Label()
        self.title.setObjectName("episode-title")
        self.title.setProperty("role", "title")
        self.title.setWordWrap(True)
        self.previous = self._button("Previous episode (Alt+Left)")
        self.next = self._button("Next episode (Alt+Right)")
        self.number = WholeBox()
        self.number.setObjectName("episode-number")
        self.number.setRange(0, _LARGEST_NUMBER)
        self.number.setAccessibleName("Episode number")
        self.samples = WholeBox()
        self.samples.setObjectName("samples")
        self.samples.setRange(1, MOST_SAMPLES)
        self.samples.setValue(SAMPLES)
        self.samples.setToolTip("How many latent codes are drawn from each class's distribution")
        self.what_if = QPushButton("What if")
        self.what_if.setObjectName("what-if-button")
        self.what_if.setCheckable(True)
        self.what_if.setToolTip(as_tip(WHAT_IF_TIP))
        self.compare = ElidingBox()
        self.compare.setObjectName("compare-with")
        self.compare.setToolTip("The same episode with other weights, beside these")
        self.compare.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.compare.setMinimumContentsLength(_LETTERS)
        self.compare.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.options = PopoverButton("How many latent codes are drawn")
        self.options.setObjectName("episode-options")
        self.back = QPushButton("Back to the run")
        self.back.setObjectName("back-from-kept")
        self.back.setToolTip("Leave the kept episode; changes that were not kept come back")
        self.back.hide()
        self.more = QToolButton()
        self.more.setObjectName("episode-more")
        self.more.setText("Keep")
        self.more.setToolTip("Keep it with the run, export it, or copy a link to it")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.menu = QMenu(self)
        self.more.setMenu(self.menu)
        self._lay_out()
        self._connect()
        self.offer((), None, None)
        self._allow_little_room()
        self._recolor(themes.current)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.back, self.previous, self.number, self.next, self.what_if):
            row.addWidget(widget)
        row.addWidget(self.compare, 1)
        row.addWidget(self.options)
        row.addWidget(self.more)
        row.addWidget(GlossaryButton(EPISODE, self._themes))
        form = QFormLayout()
        form.addRow("&Samples of each latent code", self.samples)
        self.options.column.addLayout(form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.title)
        layout.addLayout(row)

    def changeEvent(self, event: QEvent) -> None:
        """Keep one row also where the text is large and the panel narrow."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._allow_little_room()

    def _allow_little_room(self) -> None:
        metrics = self.fontMetrics()
        for widget, letters in ((self.number, _FEWEST_DIGITS), (self.compare, _FEWEST_LETTERS)):
            arrows = 2 * metrics.height()
            widget.setMinimumWidth(letters * metrics.averageCharWidth() + arrows)

    def _connect(self) -> None:
        self.back.clicked.connect(self.back_wanted)
        self.previous.clicked.connect(self.previous_wanted)
        self.next.clicked.connect(self.next_wanted)
        self.number.valueChanged.connect(self.number_wanted)
        self.samples.valueChanged.connect(self.samples_changed)
        self.what_if.toggled.connect(self.what_if_toggled)
        self.compare.activated.connect(self._compare)
        self._themes.changed.connect(self._recolor)

    def show_episode(self, title: str, number: int | None) -> None:
        """Say which episode is looked at."""
        self.title.setText(title)
        with QSignalBlocker(self.number):
            self.number.setValue(number or 0)

    def set_kept(self, is_kept: bool) -> None:
        """Show that what is looked at is from a file: it cannot be compared, but be left."""
        self.back.setVisible(is_kept)
        self.compare.setVisible(not is_kept)

    def allow_what_if(self, why_not: str, *, is_shown: bool) -> None:
        """Allow changes of the episode that is shown, or say why there can be none."""
        self.what_if.setEnabled(is_shown and not why_not)
        self.what_if.setToolTip(as_tip(why_not or WHAT_IF_TIP))

    def set_samples(self, samples: int) -> None:
        """Show another number of samples, without telling of it."""
        with QSignalBlocker(self.samples):
            self.samples.setValue(samples)

    def set_what_if(self, is_on: bool) -> None:
        """Show whether changes are offered, without telling of it."""
        with QSignalBlocker(self.what_if):
            self.what_if.setChecked(is_on)

    def offer(
        self, runs: tuple[RunEntry, ...], source: EpisodeSource | None, chosen: EpisodeSource | None
    ) -> None:
        """Offer the run's other checkpoints, and runs that meet the same episodes."""
        with QSignalBlocker(self.compare):
            self.compare.clear()
            self.compare.addItem(_NOTHING, None)
            for label, other in _others(runs, source):
                self.compare.addItem(label, other)
            place = next(
                (i for i in range(1, self.compare.count()) if self.compare.itemData(i) == chosen), 0
            )
            self.compare.setCurrentIndex(place)
        self.compare.setEnabled(self.compare.count() > 1)

    def _compare(self, place: int) -> None:
        self.comparison_wanted.emit(self.compare.itemData(place))

    def _button(self, tip: str) -> QToolButton:
        button = QToolButton()
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(tip)
        return button

    def _recolor(self, _theme: Theme) -> None:
        self.previous.setIcon(self._themes.icon(MDI7.arrow_left))
        self.next.setIcon(self._themes.icon(MDI7.arrow_right))
        self.options.setIcon(self._themes.icon(MDI7.tune))
        self.more.setIcon(self._themes.icon(MDI7.content_save_outline))


def _others(
    runs: tuple[RunEntry, ...], source: EpisodeSource | None
) -> list[tuple[str, EpisodeSource]]:
    own = next((run for run in runs if source is not None and run.path == source.run), None)
    if source is None or own is None:
        return []
    steps = [
        (f"Step {step:,} of this run", EpisodeSource(own.path, step, source.split))
        for step in reversed(own.checkpoints)
        if step != source.step
    ]
    others = []
    for run in runs:
        step = run.own_step
        is_other = run.path != own.path and run.checkpoints and not run.why_no_latent_space
        if is_other and step is not None and not same_episodes_problem(own, run):
            others.append(
                (f"{run.title}, step {step:,}", EpisodeSource(run.path, step, source.split))
            )
    return steps + others
