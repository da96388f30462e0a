"""How many classes a drawn split gets at least, and why it may have more than its share."""

from collections.abc import Mapping, Sequence

from engine.data.splits import SPLITS

_USUAL_WAYS = 5


def fewest_classes(shares: Sequence[float], classes: int) -> int:
    """Return how many classes a split gets at least: those of an episode, if there are enough."""
    parts = sum(share > 0 for share in shares)
    return max(1, min(_USUAL_WAYS, classes // (parts + 1)))


def why_more(proportions: Sequence[float], counts: Mapping[str, int]) -> str:
    """Say why splits have more classes than their share, in a sentence after a space; or ""."""
    total = sum(counts.values())
    least = fewest_classes(proportions, total)
    more = [
        split
        for split, share in zip(SPLITS, proportions, strict=True)
        if round(share / sum(proportions) * total) < counts[split] == least
    ]
    if not more:
        return ""
    verb = "has" if len(more) == 1 else "have"
    classes = "one class" if least == 1 else f"{least} classes"
    return (
        f" {' and '.join(more)} {verb} more than that share: episodes are made of the classes of "
        f"one split, so each gets at least {classes}."
    )
