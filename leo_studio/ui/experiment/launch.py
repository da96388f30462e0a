"""The launch card: what training would be, why it cannot start, and the button that starts it."""

from collections.abc import Sequence

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from engine.config import Experiment
from leo_studio.analysis.experiment.form_layout import breakable
from leo_studio.analysis.experiment.problems import Problem
from leo_studio.ui.widgets.labels import sentence_label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.theme import ThemeManager

HINT = "Press Train: the built-in glyphs need no download; curves move within seconds."


class LaunchCard(QFrame):
    """Starts training; `reveal_wanted` has the setting that keeps it from it."""

    train_wanted = Signal()
    reveal_wanted = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._themes = themes
        self._path = ""
        self._hint = sentence_label("hint", "title")
        self._hint.setText(HINT)
        self._estimate = sentence_label("estimate", "muted")
        self._reason = sentence_label("reason", "error")
        self._show = QPushButton("&Show")
        self._show.setToolTip("Go to the setting")
        self._show.clicked.connect(lambda: self.reveal_wanted.emit(self._path))
        self._train = QPushButton("&Train")
        self._train.setObjectName("train")
        self._train.setProperty("role", "primary")
        self._train.setMinimumHeight(round(self.fontMetrics().height() * 2.2))
        self._train.clicked.connect(self.train_wanted)
        line = QHBoxLayout()
        line.addWidget(self._reason, 1)
        line.addWidget(self._show)
        layout = QVBoxLayout(self)
        layout.addWidget(self._hint)
        layout.addWidget(self._estimate)
        layout.addLayout(line)
        layout.addWidget(self._train)
        themes.changed.connect(self._color)
        themes.settled.connect(self._color)  # what was hidden has the text's size, too
        self.show_experiment(None, ())
        self.show_queueing(False)

    def show_experiment(
        self, experiment: Experiment | None, problems: Sequence[Problem], *, is_first: bool = False
    ) -> None:
        """Show how much there is to train, or why it cannot be trained.

        Parameters
        ----------
        experiment
            What would be trained; None while it cannot be.
        problems
            Why it cannot be.
        is_first
            Whether to say what to press.
        """
        self._estimate.setText(estimate(experiment) if experiment is not None else "")
        self._estimate.setVisible(experiment is not None)
        is_trained = experiment is not None and experiment.learner.is_trained
        self._hint.setVisible(is_first and is_trained)
        self._train.setEnabled(experiment is not None)
        self._reason.setVisible(bool(problems))
        self._show.setVisible(bool(problems))
        reason = problems[0].sentence if problems else ""
        more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        self._reason.setText(breakable(reason + more))
        self._train.setToolTip(as_tip(reason))
        self._path = problems[0].paths[0] if problems else ""

    def show_queueing(self, is_queueing: bool) -> None:
        """Say whether pressing the button trains, or waits for what trains already."""
        self._train.setText("Add &to queue" if is_queueing else "&Train")
        self._glyph = MDI7.tray_plus if is_queueing else MDI7.play
        # While a run trains, what is most wanted is to hold or to stop it: see the toolbar.
        set_role(self._train, "" if is_queueing else "primary")
        self._color()

    def _color(self, _theme: object = None) -> None:
        is_primary = self._train.property("role") == "primary"
        color = self._themes.current.on_accent if is_primary else None
        self._train.setIcon(self._themes.icon(self._glyph, color))
        height = self._train.fontMetrics().height()
        self._train.setIconSize(QSize(height, height))


def estimate(experiment: Experiment) -> str:
    """Say how much training an experiment is."""
    if not experiment.learner.is_trained:
        return f"{experiment.learner.title} needs no training, only evaluation"
    schedule, batch = experiment.schedule, experiment.seen_in_step
    task = "episode" if experiment.task.needs_store else "task"
    seen = "picture" if experiment.learner.reads_pictures else task
    validations = schedule.validations_after(0)
    each_step = f"{batch:,} {seen}{'' if batch == 1 else 's'} a step"
    times = f"{validations:,} validation{'' if validations == 1 else 's'}"
    each = schedule.validation_episodes
    return f"{each_step}, {batch * schedule.steps:,} in all; {times} of {each:,} {task}s"
