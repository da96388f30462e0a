"""What is seen of some points of a function, in words."""

from collections.abc import Sequence

from engine.inspection.function_records import FunctionRecord
from engine.io.listing import shown
from leo_studio.analysis.formats import format_number, format_percentage

_NAME_LETTERS = 60


def summary(record: FunctionRecord, step: int, learner: str) -> str:
    """Say what the limit, where it is known, and a learner make of points, at an inner step.

    Such as: "sine 63 %, line 37 % by the Bayes-optimal limit; sine 55 %, line 45 % by LEO; log
    likelihood of the points −0.42 by LEO, −0.31 by the limit".
    """
    parts, limit = [], record.limit
    if limit is not None and len(record.families) > 1:
        shares = limit.family_probability.tolist()
        parts.append(f"{_named(record.families, shares)} by the Bayes-optimal limit")
    if (first := record.first_weights) is not None:
        weight = min(max(float(first[step]), 0.0), 1.0)
        parts.append(f"{_named(record.families, [weight, 1 - weight])} by {learner}")
    own = _nats(float(record.log_likelihood[step]))
    best = "" if limit is None else f", {_nats(limit.log_likelihood)} by the limit"
    parts.append(f"log likelihood of the points {own} by {learner}{best}")
    about = f"{shown(record.name, _NAME_LETTERS)}: " if record.name else ""
    return about + "; ".join(parts)


def _named(families: Sequence[str], shares: Sequence[float]) -> str:
    """Return the share of each family: "sine 63 %, line 37 %"."""
    pairs = zip(families, whole_percents(shares), strict=True)
    return ", ".join(f"{family} {percent}" for family, percent in pairs)


def step_names(steps: int) -> list[str]:
    """Return what the positions along the inner loop are called, `steps` + 1 of them."""
    return ["before", *(f"step {step} of {steps}" for step in range(1, steps + 1))]


def whole_percents(shares: Sequence[float]) -> list[str]:
    """Write shares of one in percent: whole, but for what is nearly nothing or nearly all."""
    return [_percent(share) for share in shares]


def _percent(share: float) -> str:
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return format_percentage(share, 0)


def _nats(number: float) -> str:
    return format_number(number, 2).replace("-", "−")
