from pathlib import Path

import pytest

from leo_studio.services.records import Source
from leo_studio.ui.inspection.selection import EpisodeSelection

SOURCE = Source(Path("/runs/a"), 10, "val")


@pytest.mark.parametrize(
    ("other", "is_kept"),
    [
        (Source(Path("/runs/a"), 20, "val"), True),
        (Source(Path("/runs/b"), 10, "val"), False),
        (Source(Path("/runs/a"), 10, "test"), False),
        (None, False),
    ],
)
def test_episodes_stay_selected_under_other_weights_of_the_run_and_nowhere_else(
    other: Source | None, is_kept: bool
) -> None:
    selection = EpisodeSelection()
    selection.set_source(SOURCE)
    selection.select({1, 2})
    selection.show(2)
    selection.set_source(other)
    assert selection.selected == ({1, 2} if is_kept else frozenset())
    assert selection.current == (2 if is_kept else None)
