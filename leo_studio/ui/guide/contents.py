"""The contents of the guide: pages and headings as a tree, or what a search finds."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.guide.pages import GuidePage
from leo_studio.analysis.guide.search import search
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

_PLACE = Qt.ItemDataRole.UserRole  # (name of the page, anchor)
_DEEPEST = 3  # level of the headings that are listed
_GROUPS = ((True, "Using LEO Studio"), (False, "For developers"))


class Contents(QWidget):
    """Pages and their headings; a text in its search line shows what all pages have of it instead.

    `chosen` has a page's name, an anchor ("" for the top), and the words that were looked for.
    """

    chosen = Signal(str, str, str)

    def __init__(self, pages: Sequence[GuidePage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = tuple(pages)
        self.search_line = QLineEdit(self)
        self.search_line.setObjectName("guide-search")
        self.search_line.setAccessibleName("Search all pages")
        self.search_line.setPlaceholderText("Search all pages")
        self.search_line.setClearButtonEnabled(True)
        self.tree = _tree("guide-contents", "Contents of the guide")
        self.results = _tree("guide-results", "What was found")
        self.results.setRootIsDecorated(False)
        self.results.setAlternatingRowColors(True)
        self._said = Label(parent=self)
        self._said.setProperty("role", "muted")
        self._said.setWordWrap(True)
        self._said.hide()
        self._places = QStackedWidget(self)
        self._places.addWidget(self.tree)
        self._places.addWidget(self.results)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.search_line, self._said, self._places):
            layout.addWidget(widget)
        self._fill()
        self.search_line.textChanged.connect(self._search)
        self.search_line.returnPressed.connect(self._open_first)
        for tree in (self.tree, self.results):
            tree.itemActivated.connect(self._choose)
            tree.itemClicked.connect(self._choose)

    def show_place(self, name: str, anchor: str) -> None:
        """Mark where the reader is."""
        best = None
        for item in _items(self.tree):
            place = item.data(0, _PLACE)
            if place == (name, anchor):
                best = item
                break
            if place == (name, ""):
                best = item
        if best is None:
            self.tree.clearSelection()
        else:
            self.tree.setCurrentItem(best)
            best.setExpanded(True)
            self.tree.scrollToItem(best)

    def _fill(self) -> None:
        for is_for_users, title in _GROUPS:
            pages = [page for page in self._pages if page.is_for_users == is_for_users]
            if not pages:
                continue
            group = QTreeWidgetItem(self.tree, [title])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = group.font(0)
            font.setBold(True)
            group.setFont(0, font)
            for page in pages:
                _add_page(group, page)
            group.setExpanded(True)

    def _search(self, text: str) -> None:
        wanted = text.strip()
        self._places.setCurrentWidget(self.results if wanted else self.tree)
        self.results.clear()
        found = search(self._pages, wanted)
        for each in found:
            where = each.page.title
            title = f"{each.heading.title} · {where}" if each.heading.level > 1 else where
            item = QTreeWidgetItem(self.results, [f"{title}\n{each.excerpt}"])
            item.setData(0, _PLACE, (each.page.name, each.heading.anchor))
            item.setToolTip(0, as_tip(f"{title}\n{each.excerpt}"))
        noun = "section has" if len(found) == 1 else "sections have"
        self._said.setText(
            f"{len(found)} {noun} it." if found else f'No page of the guide has "{wanted}".'
        )
        self._said.setVisible(bool(wanted))

    def _open_first(self) -> None:
        item = self.results.topLevelItem(0)
        if self.search_line.text().strip() and item is not None:
            self.results.setCurrentItem(item)
            self._choose(item)

    def _choose(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        place = item.data(0, _PLACE)
        if place is not None:
            self.chosen.emit(*place, self.search_line.text().strip())


def _add_page(group: QTreeWidgetItem, page: GuidePage) -> None:
    top = QTreeWidgetItem(group, [page.title])
    top.setData(0, _PLACE, (page.name, ""))
    top.setToolTip(0, as_tip(page.title))
    inside = top
    for heading in page.headings[1:]:
        if heading.level > _DEEPEST:
            continue
        above = top if heading.level == 2 else inside
        item = QTreeWidgetItem(above, [heading.title])
        item.setData(0, _PLACE, (page.name, heading.anchor))
        item.setToolTip(0, as_tip(heading.title))
        if heading.level == 2:
            inside = item


def _items(tree: QTreeWidget) -> list[QTreeWidgetItem]:
    return tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)


def _tree(name: str, title: str) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setObjectName(name)
    tree.setAccessibleName(title)
    tree.setHeaderHidden(True)
    tree.setStyleSheet("QTreeView::item { padding: 2px 0; }")
    tree.setTextElideMode(Qt.TextElideMode.ElideRight)
    tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return tree
