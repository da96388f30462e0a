"""The popover of the latent space's options: what is drawn, and what colours and shapes tell."""

from typing import Any

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from leo_studio.analysis.latents.options import COLORS, PATHS, SHAPES, Options
from leo_studio.analysis.latents.remembered import MOST_EPISODES, Look
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.wheel import ComboBox

_CHOICES: tuple[tuple[str, str, Any], ...] = (
    ("color", "&Colour tells", COLORS),
    ("shape", "&Shape tells", SHAPES),
    ("paths", "&Paths", PATHS),
)
_ELLIPSE_TIP = "Of the distribution that codes are drawn from"
_TRIED_TIP = "Your classes and queries of the panel Try it, while it asks these weights"
_SWITCHES = (
    ("shows_before", "Codes before adaptation", "The hollow ones"),
    (
        "shows_samples",
        "Sampled codes",
        "Codes drawn from the distributions; where the inner loop took them, once it is done",
    ),
    ("shows_half", "Ellipses that hold 50 %", _ELLIPSE_TIP),
    ("shows_most", "Ellipses that hold 95 %", _ELLIPSE_TIP),
    ("shows_tried", "Your classes of Try it", _TRIED_TIP),
)
LARGEST_NUMBER = 2**31 - 1  # of an episode: every number is one
_ELLIPSES = ("shows_half", "shows_most")


class OptionsPopover(QFrame):
    """Offers the options; it closes when somebody clicks elsewhere.

    `picked` has the name of an option in `Options`, and its new value.

    Parameters
    ----------
    parent
        What it belongs to.
    """

    picked = Signal(str, object)
    defaults_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("latent-options-popover")
        self.setProperty("role", "card")
        self.number = WholeBox()
        self.number.setObjectName("latent-number")
        self.number.setRange(0, LARGEST_NUMBER)
        self.number.setToolTip(as_tip("Show this episode alone, whichever number it has"))
        self.count = WholeBox()
        self.count.setObjectName("latent-count")
        self.count.setRange(1, MOST_EPISODES)
        self.count.setValue(Look().count)
        self.count.setToolTip(as_tip("Any number of episodes, from the first on"))
        self.choices = {name: ComboBox() for name, _, _ in _CHOICES}
        self.switches = {name: QCheckBox(text) for name, text, _ in _SWITCHES}
        self.fit_button = QPushButton("Fit again")
        self.fit_button.setObjectName("latent-fit")
        self.defaults_button = QPushButton("Defaults")
        self.defaults_button.setObjectName("latent-defaults")
        tip = "Options as at first: samples, ellipses and arrows where few episodes are shown"
        self.defaults_button.setToolTip(as_tip(tip))
        self._lay_out()
        self.defaults_button.clicked.connect(self.defaults_wanted)

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.addRow(self._label("&Episode", self.number), self.number)
        form.addRow(self._label("&First episodes", self.count), self.count)
        for name, text, choices in _CHOICES:
            combo = self.choices[name]
            combo.setObjectName(f"latent-{name}")
            for key, choice in choices.items():
                combo.addItem(choice, key)
            combo.activated.connect(
                lambda _, name=name, combo=combo: self.picked.emit(name, combo.currentData())
            )
            form.addRow(self._label(text, combo), combo)
        for name, _, tip in _SWITCHES:
            box = self.switches[name]
            box.setObjectName(f"latent-{name.replace('_', '-')}")
            box.setToolTip(as_tip(tip))
            box.toggled.connect(lambda is_on, name=name: self.picked.emit(name, is_on))
            form.addRow(box)
        buttons = QHBoxLayout()
        buttons.addWidget(self.fit_button)
        buttons.addWidget(self.defaults_button)
        form.addRow(buttons)

    def _label(self, text: str, widget: QWidget) -> Label:
        label = Label(text)
        label.setBuddy(widget)
        return label

    def show_options(self, options: Options) -> None:
        """Show what is chosen, without telling of it."""
        for name, combo in self.choices.items():
            combo.setCurrentIndex(combo.findData(getattr(options, name)))
        for name, box in self.switches.items():
            with QSignalBlocker(box):
                box.setChecked(getattr(options, name))

    def show_method(self, method: str, *, has_ellipses: bool) -> None:
        """Offer ellipses, or say why these axes have none."""
        self.fit_button.setText("Fit axes again" if has_ellipses else "Place again")
        why_not = (
            f"{method} bends space, and an ellipse would say nothing true: show sampled codes, or "
            "choose PCA or discriminant axes"
        )
        for name in _ELLIPSES:
            self.switches[name].setEnabled(has_ellipses)
            self.switches[name].setToolTip(as_tip(_ELLIPSE_TIP if has_ellipses else why_not))
        why_not = f"{method} has no axes on which other codes could be placed"
        self.switches["shows_tried"].setEnabled(has_ellipses)
        self.switches["shows_tried"].setToolTip(as_tip(_TRIED_TIP if has_ellipses else why_not))

    def open_below(self, button: QWidget) -> None:
        """Open with its right edge below that of a button, inside the screen."""
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + 2))
        room = button.screen().availableGeometry()
        x = min(max(corner.x(), room.left()), room.right() - self.width())
        y = min(max(corner.y(), room.top()), room.bottom() - self.height())
        self.move(x, y)
        self.show()
        self.count.setFocus()  # the keyboard is here, and Escape closes it
        self.count.selectAll()
