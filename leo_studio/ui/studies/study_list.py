"""The list of all studies: what each is about, how many runs are done, and its state."""

from collections.abc import Sequence

from leo_studio.analysis.work_words import count_text, entry_state
from leo_studio.services.study_records import StudyEntry
from leo_studio.ui.widgets.work_list import WorkList, WorkRow


class StudyList(WorkList):
    """Lists studies."""

    def __init__(self) -> None:
        columns = ("Study", "About", "Runs done", "State")
        super().__init__("study-list", "Studies", columns, stretched=1, right=[2])
        self.entries: tuple[StudyEntry, ...] = ()

    def show_entries(self, entries: Sequence[StudyEntry]) -> None:
        """List studies; nothing moves where all is as before."""
        self.entries = tuple(entries)
        self.show_rows([_row(entry) for entry in entries])


def _row(entry: StudyEntry) -> WorkRow:
    about, runs = entry.problem or entry.about, count_text(entry.done, entry.runs)
    texts = (about, runs, entry_state(entry.state, entry.lacks))
    return WorkRow(entry.name, texts, is_muted=bool(entry.lacks or entry.problem))
