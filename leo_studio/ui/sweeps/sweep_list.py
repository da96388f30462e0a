"""The list of all sweeps: how many trials have ended, the best so far, and the state."""

from collections.abc import Sequence

from leo_studio.analysis.formats import format_percentage
from leo_studio.analysis.work_words import count_text, entry_state
from leo_studio.services.sweep_records import SweepEntry
from leo_studio.ui.widgets.work_list import WorkList, WorkRow


class SweepTree(WorkList):
    """Lists sweeps."""

    def __init__(self) -> None:
        columns = ("Sweep", "Best so far", "Trials ended", "State")
        super().__init__("sweep-list", "Sweeps", columns, stretched=3, right=[1, 2])

    def show_entries(self, entries: Sequence[SweepEntry]) -> None:
        """List sweeps; nothing moves where all is as before."""
        self.show_rows([_row(entry) for entry in entries])


def _row(entry: SweepEntry) -> WorkRow:
    best = "" if entry.best is None else format_percentage(entry.best)
    state = entry.problem or entry_state(entry.state, entry.lacks)
    texts = (best, count_text(entry.done, entry.trials), state)
    return WorkRow(entry.name, texts, is_muted=bool(entry.lacks or entry.problem))
