"""Questions about episodes: the entries of the menu Show, each an order and which it is about."""

from dataclasses import dataclass

from leo_studio.analysis.episodes.columns import ACCURACY, CONFIDENT, GAIN, NUMBER, UNCERTAINTY


@dataclass(frozen=True, slots=True)
class Question:
    """An entry of the menu: an order, and which episodes it is about beside the typed filter."""

    label: str
    tip: str
    expression: str | None  # None for those that are shown
    column: int
    is_descending: bool


_FILTERED = "of the episodes that the filter shows"
QUESTIONS = (
    Question("All", "Every episode, by number", "", NUMBER, False),
    Question("Hardest first", f"The lowest accuracy first, {_FILTERED}", None, ACCURACY, False),
    Question("Largest gain", "Where adaptation helped most", "gain > 0", GAIN, True),
    Question("Adaptation hurt", "Where accuracy fell, worst first", "gain < 0", GAIN, False),
    Question(
        "Confident and wrong",
        "The largest share of queries that are wrong with a probability of 0.9 or more first",
        "confident_errors > 0",
        CONFIDENT,
        True,
    ),
    Question(
        "Most uncertain",
        f"Where the latent code is least certain, {_FILTERED}",
        None,
        UNCERTAINTY,
        True,
    ),
)
ALL = QUESTIONS[0]
