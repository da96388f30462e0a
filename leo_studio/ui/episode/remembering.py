"""What the page of an episode remembers over a restart, as plain values."""

from leo_studio.analysis.episode.edit_history import Histories, plain_histories
from leo_studio.services.episode_links import MOST_SAMPLES
from leo_studio.ui.episode.header import EpisodeHeader
from leo_studio.ui.inspection.query_table import QueryTable, kept_choices


def page_memory(
    header: EpisodeHeader,
    episode: int | None,
    histories: Histories,
    queries: QueryTable,
    *,
    is_change_seen: bool,
) -> dict[str, object]:
    """Return what a person has set, looks at, and has changed; see `EpisodePanel.restore`."""
    memory: dict[str, object] = {"samples": header.samples.value(), "episode": episode}
    if changes := plain_histories(histories):
        memory |= {"changes": changes, "what_if": is_change_seen}
    return memory | kept_choices(queries)


def remembered_samples(value: object) -> int | None:
    """Return how many samples were set; None where that makes no sense."""
    return value if type(value) is int and 1 <= value <= MOST_SAMPLES else None
