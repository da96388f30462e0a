"""Light and dark: colours, the palette and style sheet made of them, and the text's size.

Series colours are Okabe and Ito's, which people with any kind of colour vision can tell apart; they
are never the only sign.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from leo_studio.ui.widgets.font_icons import font_icon
from leo_studio.ui.widgets.restyling import Restyling

ThemeName = Literal["light", "dark", "system"]
_ICON_SIDES = (16, 24)  # pixels at the system's text size: of most icons, of the toolbar's
_SHARE_OF_ACCENT = 0.3  # behind a button that is switched on; its text stays readable
REST_MILLISECONDS = 150  # without another choice, before a look is applied


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme, as #rrggbb."""

    is_dark: bool
    window: str  # behind panels
    base: str  # behind text that is read or edited, and behind plots
    raised: str  # buttons, headers, toasts
    border: str
    text: str
    muted: str  # text that matters less
    accent: str  # what is selected, focused, or the one thing to press
    on_accent: str
    success: str
    warning: str
    danger: str
    series: tuple[str, ...]  # lines and dots, in this order

    @property
    def switched_on(self) -> str:
        """Behind a button that is switched on: a frame alone would be that of the focus."""
        shares = (
            (QColor(self.window), 1 - _SHARE_OF_ACCENT),
            (QColor(self.accent), _SHARE_OF_ACCENT),
        )
        red = sum(share * color.red() for color, share in shares)
        green = sum(share * color.green() for color, share in shares)
        blue = sum(share * color.blue() for color, share in shares)
        return QColor(round(red), round(green), round(blue)).name()

    def series_color(self, index: int) -> str:
        """Return a colour for the line with a number; they repeat after the last one."""
        return self.series[index % len(self.series)]


LIGHT = Theme(
    is_dark=False,
    window="#f4f5f7",
    base="#ffffff",
    raised="#ffffff",
    border="#d3d7de",
    text="#1c2128",
    muted="#5b6470",
    accent="#0a66c2",
    on_accent="#ffffff",
    success="#00755a",
    warning="#9a6700",
    danger="#c5341b",
    series=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#1c2128"),
)
DARK = Theme(
    is_dark=True,
    window="#1b1e24",
    base="#13161b",
    raised="#262b33",
    border="#3a414c",
    text="#e4e8ee",
    muted="#9aa5b3",
    accent="#4ea1f3",
    on_accent="#0c1118",
    success="#3fc79f",
    warning="#e3b341",
    danger="#ff7b66",
    series=("#56b4e9", "#e69f00", "#2fc79b", "#e08fc0", "#f0e442", "#ff8a4c", "#e4e8ee"),
)


class ThemeManager(QObject):
    """Holds the theme that is shown, and gives it to the application.

    `changed` is emitted after the application has the new palette; widgets that paint by
    themselves listen to it. `settled` follows when hidden widgets have the new look too: what is
    shown or hidden by the room that it needs is measured again then.
    """

    changed = Signal(object)  # `Theme`
    settled = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._size = application.font().pointSizeF()
        self._name: ThemeName = "system"
        self._scale = 1.0
        self._is_changing = False
        self._restyling = Restyling(application, self)
        self._restyling.done.connect(self.settled)
        self._rest = QTimer(self, singleShot=True, interval=REST_MILLISECONDS)
        self._rest.timeout.connect(self._apply)
        self.current = LIGHT
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._follow_system)

    def choose(self, name: ThemeName, text_scale: float = 1.0) -> None:
        """Show a theme at once, its text so many times the system's size."""
        self._name, self._scale = name, text_scale
        self._apply()

    def choose_soon(self, name: ThemeName, text_scale: float = 1.0) -> None:
        """Show a theme after a moment's rest: of many choices in a row only the last is applied."""
        self._name, self._scale = name, text_scale
        self._rest.start()

    @property
    def is_settled(self) -> bool:
        """Whether the look that was chosen last is applied to all widgets, hidden ones too."""
        is_at_rest = not self._rest.isActive() and not self._is_changing
        return is_at_rest and self._restyling.is_done

    def icon(self, glyph: str, color: str | None = None) -> QIcon:
        """Return an icon of Material Design Icons, such as `MDI7.play`, in the text's colour."""
        return font_icon(glyph, color or self.current.text, self.current.border)

    def _is_dark(self) -> bool:
        if self._name != "system":
            return self._name == "dark"
        return self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark

    def _follow_system(self) -> None:
        if self._name == "system":
            self._rest.start()

    def _apply(self) -> None:
        self._rest.stop()
        self.current = DARK if self._is_dark() else LIGHT
        self._is_changing = True  # what is laid out anew meanwhile is not at rest
        self._restyling.restyle(self._give)
        self._is_changing = False
        self.changed.emit(self.current)
        if self._restyling.is_done:
            self.settled.emit()

    def _give(self) -> None:
        """Give the application what has changed: each costs every widget something."""
        application, font = self._application, QFont(self._application.font())
        font.setPointSizeF(self._size * self._scale)
        if font != application.font():
            application.setFont(font)
        if (colors := palette(self.current)) != application.palette():
            application.setPalette(colors)
        QToolTip.setPalette(colors)  # else they keep the colours that they had at the start
        application.setStyleSheet(style_sheet(self.current, self._scale))


def palette(theme: Theme) -> QPalette:
    """Return Qt's palette for a theme."""
    roles = QPalette.ColorRole
    made = QPalette()
    for role, color in {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.base,
        roles.AlternateBase: theme.window,
        roles.Text: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.danger,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.on_accent,
        roles.Accent: theme.accent,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
        roles.Mid: theme.border,
        roles.Dark: theme.border,
        roles.Midlight: theme.border,
        roles.Light: theme.raised,
    }.items():
        made.setColor(role, QColor(color))
    disabled = QColor(theme.muted)
    disabled.setAlpha(140)
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, disabled)
    return made


def style_sheet(theme: Theme, text_scale: float = 1.0) -> str:
    """Return what the palette cannot say: borders, focus, and the roles that widgets name.

    A widget says what it is by a property: `role` is "primary" (the one button to press), "muted",
    "title", "error" or "card". Icons grow with the text. Dialogs' buttons have none: the system's
    are black in the dark theme too.
    """
    icon, toolbar_icon = (round(side * text_scale) for side in _ICON_SIDES)
    return f"""
    QToolButton, QPushButton, QCheckBox, QTabBar, QAbstractItemView {{ icon-size: {icon}px; }}
    QMainWindow::separator {{ background: {theme.window}; width: 6px; height: 6px; }}
    QMainWindow::separator:hover {{ background: {theme.accent}; }}
    QToolTip {{ background: {theme.raised}; color: {theme.text};
        border: 1px solid {theme.border}; padding: 4px; }}
    QDockWidget {{ font-weight: 600; }}
    QDockWidget::title {{ padding: 6px 8px; background: {theme.window}; text-align: left; }}
    QToolBar {{ icon-size: {toolbar_icon}px; border: none; padding: 3px;
        border-bottom: 1px solid {theme.border}; spacing: 2px; }}
    QStatusBar {{ border-top: 1px solid {theme.border}; }}
    QStatusBar::item {{ border: none; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 4px 6px; }}
    QToolButton:hover {{ border-color: {theme.border}; background: {theme.raised}; }}
    QToolButton:checked {{ background: {theme.switched_on}; }}
    QToolButton[role="primary"] {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; }}
    QToolButton[role="primary"]:disabled {{ background: {theme.border}; color: {theme.muted};
        border-color: {theme.border}; }}
    QToolButton:focus, QPushButton:focus, QCheckBox:focus, QTabBar:focus {{
        border: 1px solid {theme.accent}; border-radius: 5px; }}
    QPushButton {{ border: 1px solid {theme.border}; border-radius: 5px; padding: 5px 12px;
        background: {theme.raised}; }}
    QPushButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:disabled {{ background: transparent;
        color: {
        palette(theme)
        .color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        .name(QColor.NameFormat.HexArgb)
    }; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QPushButton:checked {{ border-color: {theme.accent}; background: {theme.accent};
        color: {theme.on_accent}; }}
    QPushButton[role="primary"] {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; font-weight: 600; }}
    QPushButton[role="primary"]:disabled {{ background: {theme.border}; color: {theme.muted};
        border-color: {theme.border}; }}
    QPushButton[role="primary"]:focus, QToolButton[role="primary"]:focus {{
        border: 2px solid {theme.text}; }}
    QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {{
        border: 1px solid {theme.border}; border-radius: 5px; padding: 3px 6px;
        background: {theme.base}; selection-background-color: {theme.accent};
        selection-color: {theme.on_accent}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus,
    QComboBox:focus, QAbstractItemView:focus {{ border: 1px solid {theme.accent}; }}
    QLineEdit[role="error"], QAbstractSpinBox[role="error"], QComboBox[role="error"] {{
        border: 1px solid {theme.danger}; }}
    QComboBox::drop-down {{ border: none; width: 1.6em; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 1.6em; }}
    QComboBox::down-arrow, QAbstractSpinBox::down-arrow {{
        image: url("{_icon("chevron-down", theme)}"); width: 0.9em; height: 0.9em; }}
    QAbstractSpinBox::up-arrow {{
        image: url("{_icon("chevron-up", theme)}"); width: 0.9em; height: 0.9em; }}
    Label[role="muted"] {{ color: {theme.muted}; }}
    Label[role="error"] {{ color: {theme.danger}; }}
    Label[role="title"] {{ font-weight: 600; }}
    QFrame[role="card"] {{ border: 1px solid {theme.border}; border-radius: 8px;
        background: {theme.raised}; }}
    QAbstractItemView {{ border: 1px solid {theme.border}; border-radius: 5px;
        outline: 1px dotted {theme.muted};
        alternate-background-color: {theme.window}; }}
    QHeaderView::section {{ border: none; border-bottom: 1px solid {theme.border};
        padding: 4px 6px; background: {theme.window}; font-weight: 600; }}
    QProgressBar {{ border: 1px solid {theme.border}; border-radius: 4px; text-align: center;
        background: {theme.base}; }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
    QProgressBar[textVisible="true"]::chunk {{ background: {theme.switched_on}; }}
    QMenu {{ border: 1px solid {theme.border}; background: {theme.raised}; padding: 4px; }}
    QMenu::item {{ padding: 4px 24px 4px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QMenu::item:disabled {{ color: {theme.muted}; }}
    QMenu::separator {{ height: 1px; background: {theme.border}; margin: 4px 8px; }}
    QScrollArea {{ border: none; }}
    QToolButton[popupMode="1"], QToolButton[popupMode="2"] {{ padding-right: 1.3em; }}
    QToolButton::menu-indicator {{ image: url("{_icon("chevron-down", theme)}");
        subcontrol-origin: padding; subcontrol-position: center right; width: 0.9em;
        height: 0.9em; right: 0.3em; }}
    QScrollBar {{ background: transparent; border: none; margin: 0; }}
    QScrollBar:vertical {{ width: 0.8em; }}
    QScrollBar:horizontal {{ height: 0.8em; }}
    QScrollBar::handle {{ background: {theme.border}; border-radius: 0.3em; margin: 0.1em; }}
    QScrollBar::handle:vertical {{ min-height: 2em; }}
    QScrollBar::handle:horizontal {{ min-width: 2em; }}
    QScrollBar::handle:hover {{ background: {theme.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QCheckBox {{ border: 1px solid transparent; padding: 1px; }}
    QCheckBox::indicator, QListView::indicator {{ width: 0.9em; height: 0.9em;
        border: 1px solid {theme.muted}; border-radius: 3px; background: {theme.base}; }}
    QCheckBox::indicator:checked, QListView::indicator:checked {{
        border-color: {theme.accent}; background: {theme.accent};
        image: url("{_icon("check", theme)}"); }}
    QListView::indicator:indeterminate {{ border-color: {theme.accent};
        background: {theme.accent}; image: url("{_icon("minus", theme)}"); }}
    QCheckBox::indicator:disabled {{ border-color: {theme.border}; }}
    """


def _icon(name: str, theme: Theme) -> str:
    """Return where an icon is that the style sheet draws; it takes no others than files."""
    path = Path(__file__).parent / "icons" / f"{name}-{'dark' if theme.is_dark else 'light'}.svg"
    return path.as_posix()
