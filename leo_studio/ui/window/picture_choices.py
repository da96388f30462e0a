"""The choices of an import of pictures: splits, encoder and views."""

from typing import cast

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from engine.data.class_splits import PROPORTIONS, SplitChoice, read_proportions
from engine.data.picture_choices import Views
from engine.errors import BadInput
from engine.io.paths import expanded_if_known
from leo_studio.services.pictures import EncoderEntry, FoundPictures, PictureChoice
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.wheel import ComboBox
from leo_studio.ui.window.path_line import PathLine

_AS_PLACED, _DRAWN, _BY_FILE = "as placed", "drawn", "by file"
_SPLITS = (
    (_AS_PLACED, "As the folders say"),
    (_DRAWN, "Drawn at random"),
    (_BY_FILE, "By a file..."),
)
_VIEWS = (("center", "The centre"), ("mean", "The mean of ten views (ten times as long)"))
_SPLIT_FILES = "Splits (*.json *.csv);;All files (*)"
_MODELS = "ONNX models (*.onnx);;All files (*)"
_PAUSE_MILLISECONDS = 300  # in typing, after which splits are looked at
_LARGEST_SEED = 2**31 - 1


class PictureChoices(QWidget):
    """Asks how pictures become a store; hidden where there are none.

    `divided` says that classes are to be divided in another way, `changed` that anything else is
    another.
    """

    divided = Signal()
    changed = Signal()

    def __init__(self, last: LastFolder, parent: QWidget) -> None:
        super().__init__(parent)
        self._encoders: tuple[EncoderEntry, ...] = ()
        self._missing = ""
        self.proposed = ""  # an encoder's name; "" for the usual one
        self._splits, self._encoder, self._views = ComboBox(), ComboBox(), ComboBox()
        self._split_file = PathLine(_SPLIT_FILES, last)
        self._model = PathLine(_MODELS, last, takes_folders=False)
        self._model_folder = PathLine("", last)
        self._proportions, self._seed = QLineEdit(), WholeBox()
        self._drawing = QWidget()
        self._note = Label()
        self._views_label = Label("&Views")
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._name_widgets()
        self._arrange()
        self._connect()
        self.forget()

    @property
    def last(self) -> QWidget:
        """What the Tab key comes to last."""
        return self._views

    @property
    def choice(self) -> PictureChoice:
        """What was chosen; `problem` says what is wrong with it."""
        views = cast(Views, self._views.currentData())
        entry = self._entry()
        trains, side = ("", 0) if entry is None else (entry.trains, entry.kept_side)
        return PictureChoice(self._encoder_name(), trains, side, views, self.splits)

    @property
    def splits(self) -> SplitChoice:
        """How classes are to be divided; by default as long as what is typed cannot be used."""
        how = self._splits.currentData()
        file = self._split_file.field.text().strip()
        if how == _BY_FILE and file:
            return SplitChoice(expanded_if_known(file))
        try:
            shares = read_proportions(self._proportions.text())
        except BadInput:
            shares = PROPORTIONS
        is_drawn = how == _DRAWN and self._splits.findData(_AS_PLACED) >= 0
        return SplitChoice(None, shares, self._seed.value(), is_drawn)

    @property
    def problem(self) -> str:
        """Why pictures cannot be imported so; "" where they can."""
        if self.isHidden():
            return ""
        how = self._splits.currentData()
        if how == _BY_FILE and not self._split_file.field.text().strip():
            return "Choose the file that says which classes are train, val and test."
        if how == _DRAWN:
            try:
                read_proportions(self._proportions.text())
            except BadInput as error:
                return str(error)
        entry = self._entry()
        if entry is None:
            return "Choose an encoder."
        if not entry.trains and not self._encoder_name():
            return (
                f"Choose the {'ONNX file' if entry.wants == 'file' else 'folder'} of the encoder."
            )
        return ""

    def forget(self) -> None:
        """Ask nothing, and forget what was answered."""
        self._pause.stop()
        self.hide()
        for line in (self._split_file, self._model, self._model_folder):
            line.field.clear()
        self._encoders = ()
        with QSignalBlocker(self._seed):
            self._seed.setValue(0)
        self._proportions.setText("/".join(f"{share:g}" for share in PROPORTIONS))
        self._views.setCurrentIndex(0)

    def show_pictures(self, found: FoundPictures) -> None:
        """Ask about pictures; what was answered about the same stays."""
        if self._encoders:
            return
        self._encoders, self._missing = found.encoders, found.missing
        with QSignalBlocker(self._splits), QSignalBlocker(self._encoder):
            self._splits.clear()
            for data, text in _SPLITS:
                if found.look.says_splits or data != _AS_PLACED:
                    self._splits.addItem(text, data)
            self._encoder.clear()
            for entry in found.encoders:
                self._encoder.addItem(entry.title)
            self._encoder.setCurrentIndex(self._first_index())
        self.show()
        self._follow()

    def _name_widgets(self) -> None:
        for widget, name, spoken in (
            (self._splits, "splits", "Splits"),
            (self._split_file.field, "split file", "File of splits"),
            (self._proportions, "proportions", "Proportions of train, val and test"),
            (self._seed, "split seed", "Seed"),
            (self._encoder, "encoder", "Encoder"),
            (self._model.field, "encoder file", "ONNX file"),
            (self._model_folder.field, "encoder folder", "Folder of a transformers model"),
            (self._views, "views", "Views"),
            (self._note, "about the encoder", ""),
        ):
            widget.setObjectName(name)
            widget.setAccessibleName(spoken)

    def _arrange(self) -> None:
        self._encoder.setPlaceholderText("Choose an encoder")
        self._seed.setRange(0, _LARGEST_SEED)
        for data, text in _VIEWS:
            self._views.addItem(text, data)
        self._note.setWordWrap(True)
        set_role(self._note, "muted")
        drawing = QHBoxLayout(self._drawing)
        drawing.setContentsMargins(0, 0, 0, 0)
        shares, seed = Label("train / val / test"), Label("seed")
        self._proportions.setMaximumWidth(self.fontMetrics().averageCharWidth() * 16)
        for part in (shares, self._proportions, seed, self._seed):
            drawing.addWidget(part)
        drawing.addStretch(1)
        # No form: it would give a text that wraps the height of a narrower one.
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, (label, widget) in enumerate(
            (
                (Label("&Splits"), self._splits),
                (None, self._drawing),
                (None, self._split_file),
                (Label("&Encoder"), self._encoder),
                (None, self._model),
                (None, self._model_folder),
                (None, self._note),
                (self._views_label, self._views),
            )
        ):
            grid.addWidget(widget, row, 1)
            if label is not None:
                label.setBuddy(widget)
                grid.addWidget(label, row, 0)

    def _connect(self) -> None:
        self._splits.currentIndexChanged.connect(self._divide)
        self._seed.valueChanged.connect(self._divide)
        self._proportions.textEdited.connect(self._wait)
        self._split_file.field.textEdited.connect(self._wait)
        self._split_file.chosen.connect(self._divide)
        self._pause.timeout.connect(self._divide)
        self._encoder.currentIndexChanged.connect(self._follow)
        for line in (self._model, self._model_folder):
            line.field.textChanged.connect(self._follow)

    def _wait(self) -> None:
        self._pause.start()
        self.changed.emit()

    def _divide(self) -> None:
        self._pause.stop()
        self._follow()
        if not self.isHidden():
            self.divided.emit()

    def _follow(self) -> None:
        """Ask for what the choices need, and say what is to be known of them."""
        entry, how = self._entry(), self._splits.currentData()
        wants = entry.wants if entry is not None else ""
        for widget, is_asked in (
            (self._drawing, how == _DRAWN),
            (self._split_file, how == _BY_FILE),
            (self._model, wants == "file"),
            (self._model_folder, wants == "folder"),
            (self._views, entry is None or not entry.trains),
            (self._views_label, entry is None or not entry.trains),
        ):
            widget.setVisible(is_asked)
        self._note.setText(entry.note if entry is not None else self._missing)
        self.changed.emit()

    def _first_index(self) -> int:
        names = [entry.name for entry in self._encoders]
        if self.proposed in filter(None, names):
            return names.index(self.proposed)
        return -1 if self._missing else 0

    def _entry(self) -> EncoderEntry | None:
        at = self._encoder.currentIndex()
        return self._encoders[at] if 0 <= at < len(self._encoders) else None

    def _encoder_name(self) -> str:
        entry = self._entry()
        if entry is None or not entry.wants:
            return entry.name if entry is not None else ""
        line = self._model if entry.wants == "file" else self._model_folder
        text = line.field.text().strip()
        return str(expanded_if_known(text)) if text else ""
