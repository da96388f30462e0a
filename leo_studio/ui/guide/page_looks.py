"""The looks of a page that Qt has read from Markdown: tables, code, margins and colours."""

from collections.abc import Iterator

from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableCellFormat,
)

from leo_studio.ui.widgets.theme import Theme


def blocks_of(document: QTextDocument) -> Iterator[QTextBlock]:
    """Iterate over the paragraphs, headings, cells and lines of code of a document."""
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def give_looks(document: QTextDocument, theme: Theme) -> None:
    """Let tables have lines, code a ground of its own, and paragraphs room between them."""
    line = document.defaultFont().pointSizeF()
    whole = QTextCursor(document)
    whole.beginEditBlock()  # or each change would lay the document out
    for table in _tables(document):
        _give_table_looks(table, theme, line)
    for block in blocks_of(document):
        form = block.blockFormat()
        if form.hasProperty(QTextFormat.Property.BlockCodeFence):
            _give_code_looks(block, theme)
        elif form.headingLevel():
            _change(block, form, above=1.4 * line, below=0.4 * line)
        elif QTextCursor(block).currentTable() is None:
            _change(block, form, above=0, below=(0.25 if block.textList() else 0.7) * line)
    _color_inline_code(document, theme)
    whole.endEditBlock()


def _change(block: QTextBlock, form: QTextBlockFormat, *, above: float, below: float) -> None:
    form.setTopMargin(above if block.position() else 0)
    form.setBottomMargin(below)
    form.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    QTextCursor(block).setBlockFormat(form)


def _give_code_looks(block: QTextBlock, theme: Theme) -> None:
    form = block.blockFormat()
    form.setBackground(QBrush(QColor(theme.window)))
    form.setNonBreakableLines(False)  # a long line goes on in the next one, and is not cut off
    cursor = QTextCursor(block)
    cursor.setBlockFormat(form)
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.mergeCharFormat(_code_format())


def _code_format() -> QTextCharFormat:
    code = QTextCharFormat()
    # Qt's "monospace" of Markdown is the size of this font, whatever the text's is.
    code.setFontFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
    return code


def _color_inline_code(document: QTextDocument, theme: Theme) -> None:
    ground = _code_format()
    ground.setBackground(QBrush(QColor(theme.window)))
    for block in blocks_of(document):
        if block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence):
            continue
        places = []
        fragments = block.begin()
        while not fragments.atEnd():
            fragment = fragments.fragment()
            if fragment.charFormat().fontFixedPitch():
                places.append((fragment.position(), fragment.length()))
            fragments += 1
        for start, length in places:
            cursor = QTextCursor(document)
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(ground)


def _tables(document: QTextDocument) -> list[QTextTable]:
    return [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]


def _give_table_looks(table: QTextTable, theme: Theme, line: float) -> None:
    columns = range(table.columns())
    if not any(_text_of(table, 0, column) for column in columns):
        table.removeRows(0, 1)  # tables of names and words have no header
    else:
        for column in columns:
            _mark_header(table, column, theme)
    form = table.format()
    form.setBorder(1)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderBrush(QBrush(QColor(theme.border)))
    form.setBorderCollapse(True)
    form.setCellPadding(0.45 * line)
    form.setCellSpacing(0)
    form.setBottomMargin(line)
    form.setWidth(QTextLength(QTextLength.Type.VariableLength, 0))
    table.setFormat(form)


def _mark_header(table: QTextTable, column: int, theme: Theme) -> None:
    cell = table.cellAt(0, column)
    cursor = cell.firstCursorPosition()
    cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.DemiBold)
    cursor.mergeCharFormat(bold)
    form = QTextTableCellFormat()
    form.setBackground(QBrush(QColor(theme.window)))
    cell.setFormat(form)


def _text_of(table: QTextTable, row: int, column: int) -> str:
    return table.cellAt(row, column).firstCursorPosition().block().text()
