from pathlib import Path

import pytest

from leo_studio.services.current_run import CurrentRun
from leo_studio.services.records import EpisodeSource
from leo_studio.ui.inspection.selection import EpisodeSelection

SOURCE = EpisodeSource(Path("/runs/a"), 10, "val")


@pytest.mark.parametrize(
    ("other", "is_kept"),
    [
        (EpisodeSource(Path("/runs/a"), 20, "val"), True),
        (EpisodeSource(Path("/runs/b"), 10, "val"), False),
        (EpisodeSource(Path("/runs/a"), 10, "test"), False),
        (None, False),
    ],
)
def test_episodes_stay_selected_under_other_weights_of_the_run_and_the_number_everywhere(
    other: EpisodeSource | None, is_kept: bool
) -> None:
    selection = EpisodeSelection(CurrentRun())
    selection.set_source(SOURCE)
    selection.select({1, 2})
    selection.show(2)
    selection.set_source(other)
    assert selection.selected == ({1, 2} if is_kept else frozenset())
    assert selection.current == 2
    selection.set_source(SOURCE)
    assert selection.current == 2
