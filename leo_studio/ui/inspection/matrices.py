"""The confusion matrix of an episode, and how alike its classes' weights are."""

import numpy as np

from engine.inspection.records import Inspection
from leo_studio.analysis.formats import format_number, format_percentage
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.ui.widgets.colors import diverging_color
from leo_studio.ui.widgets.matrix import MatrixView
from leo_studio.ui.widgets.theme import ThemeManager


class ConfusionView(MatrixView):
    """Confusion matrix of the queries at a position."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "confusion matrix", self._tip_of)
        self._inspection: Inspection | None = None
        self._counts = np.zeros((0, 0), int)
        self._class_names: list[str] = []

    def show_inspection(self, inspection: Inspection | None, position: int) -> None:
        """Show an episode at a position."""
        self._inspection = inspection
        if inspection is None:
            self.show_matrix(np.zeros((0, 0)), (), (), ("", ""))
            return
        names = self._class_names = class_names(inspection)
        position = min(position, inspection.probabilities.shape[1] - 1)
        predicted = inspection.predictions[0, position]
        self._counts = np.stack(
            [(predicted == label).sum(1) for label in range(len(names))], axis=1
        )
        shares = self._counts / np.maximum(1, self._counts.sum(1, keepdims=True))
        texts = [[str(count) if count else "" for count in row] for row in self._counts.tolist()]
        self.show_matrix(shares, texts, names, ("true class", "taken for"))

    def _tip_of(self, row: int, column: int) -> str:
        one, other = self._class_names[row], self._class_names[column]
        count, asked = int(self._counts[row, column]), int(self._counts[row].sum())
        share = format_percentage(count / max(1, asked), 1)
        what = "are right" if row == column else f'are taken for "{other}"'
        return f'{count} of {asked} queries of "{one}" {what}: {share}'


class WeightsView(MatrixView):
    """Cosines between the classes' weights at a position; norms are in the names."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "weights", self._tip_of)
        self.colors = diverging_color
        self._inspection: Inspection | None = None
        self._position = 0

    def show_inspection(self, inspection: Inspection | None, position: int) -> None:
        """Show an episode at a position."""
        self._inspection = inspection
        if inspection is None:
            self.show_matrix(np.zeros((0, 0)), (), (), ("", ""))
            return
        self._position = min(position, inspection.weight_cosines.shape[1] - 1)
        cosines = inspection.weight_cosines[0, self._position].astype(np.float64)
        texts = [[_signed(value, 2) for value in row] for row in cosines.tolist()]
        names = class_names(inspection)
        norms = inspection.weight_norms[0, self._position].tolist()
        rows = [
            f"{name}  {format_number(norm, 1)}" for name, norm in zip(names, norms, strict=True)
        ]
        self.show_matrix(cosines, texts, rows, ("class, norm of its weights", "cosine"), names)

    def _tip_of(self, row: int, column: int) -> str:
        seen = self._inspection
        assert seen is not None
        names = class_names(seen)
        norm = format_number(float(seen.weight_norms[0, self._position, row]), 3)
        if row == column:
            share = format_percentage(float(seen.unreachable[0, self._position, row]), 1)
            return f'"{names[row]}": norm {norm}; {share} of it is beyond what a code decodes to'
        cosine = _signed(float(seen.weight_cosines[0, self._position, row, column]), 3)
        return f'"{names[row]}" (norm {norm}) and "{names[column]}": cosine {cosine}'


def _signed(number: float, decimals: int) -> str:
    return format_number(number, decimals).replace("-", "−")
