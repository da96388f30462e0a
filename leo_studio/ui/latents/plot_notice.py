"""The notice at the top of the plot that says what is computed, and offers something to do."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.people import as_tip

_DISMISS = "Dismiss"


class PlotNotice(QFrame):
    """Is in the strip over the plot's top while there is something to say.

    `pressed` is emitted when its button is pressed, `dismissed` when nobody wants it any more.
    """

    pressed = Signal()
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("latent-notice")
        self.text = ElidingLabel()
        self.button = QPushButton()
        self.button.setObjectName("latent-notice-button")
        self.dismiss = QPushButton(_DISMISS)
        self.dismiss.setObjectName("latent-notice-dismiss")
        self.dismiss.setToolTip(as_tip("Say this no more"))
        row = QHBoxLayout(self)
        gap = self.fontMetrics().height() // 4
        row.setContentsMargins(gap, 0, 0, 0)
        row.addWidget(self.text, 1)
        for button in (self.button, self.dismiss):
            row.addWidget(button)
        self.button.clicked.connect(self.pressed)
        self.dismiss.clicked.connect(self.dismissed)
        self.hide()

    def say(self, text: str, button: str = "", tip: str = "", *, may_go: bool = False) -> None:
        """Say something; "" hides it.

        Parameters
        ----------
        text
            A sentence.
        button, tip
            What its button is called and does; "" for no button.
        may_go
            Whether a person can take it away.
        """
        said = (text, button, tip, not may_go)
        if said == self._said:
            return
        self.text.setText(text)
        self.text.setToolTip(as_tip(text))
        self.button.setText(button)
        self.button.setToolTip(as_tip(tip))
        self.button.setVisible(bool(button))
        self.dismiss.setVisible(may_go)
        self.setVisible(bool(text))

    @property
    def _said(self) -> tuple[str, str, str, bool]:
        button = self.button.text()
        return self.text.text(), button, self.button.toolTip(), self.dismiss.isHidden()
