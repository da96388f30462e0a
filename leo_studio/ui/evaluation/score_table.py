"""The table of scores of an evaluation on functions."""

from collections.abc import Sequence

from PySide6.QtWidgets import QTableWidgetItem

from leo_studio.analysis.evaluation.function_scores import ScoreRow
from leo_studio.ui.widgets.fitting_table import FittingTable
from leo_studio.ui.widgets.people import as_tip

_TIPS = {
    "Prediction": "Of the one function that the learner makes of a task's points",
    "Weighted\nsamples": "Each sampled function counts by how well it fits the given points",
    "Limit": "Of the best possible prediction, the Bayes-optimal one, on the same tasks",
    "Plain\nsamples": "Each sampled function counts alike, however well it fits the given points",
}


class ScoreTable(FittingTable):
    """One row for each score, with the limit beside it where it is known."""

    def __init__(self) -> None:
        super().__init__("functions-scores", "Scores")

    def show_rows(self, rows: Sequence[ScoreRow], *, is_of_one: bool) -> None:
        """Show scores; of one function there are no plain samples beside the weighted ones."""
        # The limit, where it is known, beside what is compared with it first.
        limit = ["Limit"] if any(row.limit for row in rows) else []
        columns = ["Score", "Weighted\nsamples", *limit, "Plain\nsamples"]
        if is_of_one:
            columns = ["Score", "Prediction", *limit]
        self.setColumnCount(len(columns))
        for place, name in enumerate(columns):
            head = QTableWidgetItem(name)
            head.setToolTip(as_tip(_TIPS.get(name, "")))
            self.setHorizontalHeaderItem(place, head)
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            texts = (row.label, row.weighted, *([row.limit] if limit else []), row.plain)
            for column, text in enumerate(texts[: len(columns)]):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tip(row.tip))
                self.setItem(place, column, item)
        self.fit()
