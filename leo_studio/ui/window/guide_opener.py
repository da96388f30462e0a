"""Opens the guide: by its action, by links of the window, and by the palette."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from shiboken6 import Shiboken

from engine.errors import BadInput
from leo_studio.analysis.guide.glossary import SCHEME
from leo_studio.analysis.guide.pages import GLOSSARY, GuidePage, guide_folder, read_pages
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.command_rows import PaletteEntry

if TYPE_CHECKING:
    from leo_studio.ui.guide import GuideWindow

_DEEPEST_OFFERED = 2  # level of headings that the palette offers, but for the glossary's


class GuideOpener(QObject):
    """Shows the guide's window, which is made when it is first asked for.

    Parameters
    ----------
    actions
        Get the guide and the glossary, in the menu Help.
    themes
        Colours and text size of the guide.
    window
        The guide is closed with it.
    """

    def __init__(self, actions: ActionRegistry, themes: ThemeManager, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self._window = window
        self._guide: GuideWindow | None = None
        self._pages: tuple[GuidePage, ...] | None = None
        # Qt forgets this with the receiver; a link of a panel needs to know nobody here.
        QDesktopServices.setUrlHandler(SCHEME, self, "open_link")  # type: ignore[arg-type]
        actions.add(
            "help.guide",
            "Guide",
            self.open,
            menu="Help",
            shortcut="F1",
            glyph=MDI7.book_open_page_variant_outline,
            tip="Read how things are done, in a window that stays open beside this one",
        )
        actions.add(
            "help.glossary",
            "Glossary",
            partial(self.open, GLOSSARY),
            menu="Help",
            glyph=MDI7.book_alphabet,
            tip="Read what the words mean: episode, latent code, nats and so on",
        )

    @property
    def guide(self) -> "GuideWindow":
        """The guide's window."""
        if self._guide is None or not Shiboken.isValid(self._guide):
            from leo_studio.ui.guide import GuideWindow

            self._guide = GuideWindow(guide_folder(), self._themes, self._window)
        return self._guide

    def open(self, name: str = "", anchor: str = "") -> None:
        """Show the guide, at a page where one is named, in front of other windows."""
        if name:
            self.guide.open(name, anchor)
        self.guide.show()
        self.guide.raise_()
        self.guide.activateWindow()

    @Slot(QUrl)
    def open_link(self, url: QUrl) -> None:
        """Show what a link of the scheme `SCHEME` is to."""
        self.open(url.path(), url.fragment())

    def palette_entries(self) -> Iterator[PaletteEntry]:
        """Iterate over the chapters and the words that are explained, for the palette."""
        for page in self._read():
            is_glossary = page.name == GLOSSARY
            for heading in page.headings:
                is_word = is_glossary and heading.level > _DEEPEST_OFFERED
                if not is_word and (heading.level > _DEEPEST_OFFERED or is_glossary):
                    continue
                title = (
                    f'What is "{heading.title}"?'
                    if is_word
                    else f"Guide: {' › '.join(dict.fromkeys((page.title, heading.title)))}"
                )
                yield PaletteEntry(
                    title,
                    "",
                    partial(self.open, page.name, heading.anchor),
                    MDI7.help_circle_outline if is_word else MDI7.book_open_page_variant_outline,
                    is_reading=True,
                )

    def _read(self) -> tuple[GuidePage, ...]:
        if self._pages is None:
            try:
                self._pages = read_pages(guide_folder())
            except BadInput:  # which the guide itself tells
                self._pages = ()
        return self._pages
