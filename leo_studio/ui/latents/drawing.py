"""What the latent space draws: the plot, the key of its marks, the legend, or a hint instead."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from leo_studio.ui.latents.canvas import LatentPlot
from leo_studio.ui.latents.legend import Legend
from leo_studio.ui.latents.notice_strip import NoticeStrip
from leo_studio.ui.latents.plot_notice import PlotNotice
from leo_studio.ui.latents.selection_bar import SelectionBar
from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager


class Drawing(QStackedWidget):
    """Shows the plot with what explains it, or says why there is none.

    Parameters
    ----------
    themes
        Colours.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.plot = LatentPlot(themes)
        self.legend = Legend(themes)
        self.selection_bar = SelectionBar(self.plot)
        self.notice = PlotNotice()
        self._details = ""
        self.hint = Label()
        self.key = ElidingLabel()  # one line, which leaves the plot its height
        self._lay_out()
        self.plot.styles_changed.connect(self._explain)
        self.legend.hidden_changed.connect(self.plot.hide_classes)

    def _lay_out(self) -> None:
        self.hint.setObjectName("latent-hint")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.key.setObjectName("latent-key")
        self.hint.setWordWrap(True)
        for label in (self.hint, self.key):
            label.setProperty("role", "muted")
        drawn = QWidget()
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.plot, 1)
        row.addWidget(self.legend)
        column = self._column = QVBoxLayout(drawn)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.key)
        column.addLayout(row, 1)
        self.addWidget(self.hint)
        self.addWidget(drawn)
        self.notices = NoticeStrip(self.plot, self)
        self.notices.covered.connect(self.selection_bar.leave_above)
        self.notices.add(self.notice)

    def show_plot(self) -> None:
        """Show the plot."""
        self.setCurrentIndex(1)

    def show_hint(self, text: str) -> None:
        """Draw nothing, and say why."""
        self.plot.show_codes(None, 0)
        self.hint.setText(text)
        self.setCurrentIndex(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the legend take its share of the width."""
        super().resizeEvent(event)
        self.legend.set_panel_width(event.size().width())
        self._column.activate()  # at once: the plot is never drawn beside the legend as it was

    def set_details(self, text: str) -> None:
        """Say in the key's tip what the line below says, which is not there in a low panel."""
        self._details = text
        self._say_key()

    def _explain(self) -> None:
        self.legend.show_styles(self.plot.styles)
        self.key.setText(self.plot.key)
        self._say_key()

    def _say_key(self) -> None:
        self.key.setToolTip(as_tip("\n".join(filter(None, (self.plot.key, self._details)))))
