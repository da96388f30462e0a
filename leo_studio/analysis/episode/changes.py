"""Changes to an episode by hand: in words, what they bring, and replacing an example."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit, WhatIf
from leo_studio.analysis.formats import format_number, format_percentage, format_points

Kind = Literal["better", "worse", "same"]
_SIGNS = {"better": "▲ ", "worse": "▼ ", "same": ""}
_MOST_NAMED = 2  # replaced examples in a sentence
_LEAST = 1e-12  # a probability whose logarithm is taken


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the queries: a sentence, and which way it went."""

    text: str
    kind: Kind


def result(changed: Inspection, plain: Inspection) -> Result:
    """Return how many queries are right after the changes, and how many were before.

    Only queries that both sides have are counted: an example that joins the support set is no
    query any more, and its going alone is neither better nor worse.
    """
    shared = np.intersect1d(changed.query[changed.query >= 0], plain.query[plain.query >= 0])
    if not len(shared):
        return Result("Nothing to compare: no query is on both sides", "same")
    (share, loss), (share_before, loss_before) = (
        _final_scores(each, shared) for each in (changed, plain)
    )
    # Points of what is shown: 76.0 and 79.5 are 3.5 apart, whatever was rounded away.
    before, after = round(share_before, 3), round(share, 3)
    points = round(after - before, 3)
    shown = [format_percentage(each, 1) for each in (before, after)]
    kind: Kind = "same" if points == 0 else "better" if points > 0 else "worse"
    most = max(int((each.query >= 0).sum()) for each in (changed, plain))
    counted = f" on the {len(shared):,} queries that both have" if len(shared) < most else ""
    if kind == "same":
        return Result(f"No change: {shown[1]} right{counted}{_loss(loss - loss_before)}", kind)
    text = f"{format_points(points)} points, {kind}: {shown[0]} → {shown[1]} right{counted}"
    return Result(f"{_SIGNS[kind]}{text}", kind)


def _final_scores(seen: Inspection, rows: NDArray[np.int64]) -> tuple[float, float]:
    """Return accuracy and loss after fine-tuning, of the queries that are some rows."""
    is_counted = np.isin(seen.query[0], rows)
    if (is_counted == (seen.query[0] >= 0)).all():
        return float(seen.query_accuracy[0, -1]), float(seen.query_loss[0, -1])
    ways, _ = np.nonzero(is_counted)
    probabilities = seen.probabilities[0, -1][is_counted].astype(np.float64)  # (rows, N)
    places = np.arange(len(ways))
    true = probabilities[places, ways]
    probabilities[places, ways] = -1.0
    # As everywhere, a tie is wrong, and so is what is not a number.
    is_right = true > probabilities.max(-1)
    return float(is_right.mean()), float(-np.log(np.maximum(true, _LEAST)).mean())


def _loss(change: float) -> str:
    text = format_number(abs(change), 3)
    if float(text) == 0:
        return ""
    return f" (their loss {'fell' if change < 0 else 'rose'} by {text} nats)"


def in_words(what_if: WhatIf, seen: Inspection, noun: str, name_of: Callable[[int], str]) -> str:
    """Return what was changed: "1 support picture replaced (a → b), inner steps 5 → 3".

    "" for nothing.

    Parameters
    ----------
    what_if
        The changes.
    seen
        The episode as it is without them.
    noun
        What people call an example: "picture", where they see one.
    name_of
        Returns what the example of a row is called.
    """
    added = Counter(edit.place for edit in what_if.edits if edit.kind == "add")
    dropped = Counter(edit.place for edit in what_if.edits if edit.kind == "drop")
    both = sum((added & dropped).values())
    counts = (
        ("class", "classes", "swapped", sum(edit.kind == "swap" for edit in what_if.edits)),
        (f"support {noun}", f"support {noun}s", "replaced", both),
        (f"support {noun}", f"support {noun}s", "added", sum(added.values()) - both),
        (f"support {noun}", f"support {noun}s", "taken out", sum(dropped.values()) - both),
    )
    parts = [
        f"{count} {one if count == 1 else many} {done}"
        + (_which_replaced(what_if, name_of) if done == "replaced" else "")
        for one, many, done, count in counts
        if count
    ]
    for name, own, chosen, factor in (
        ("inner", seen.inner_steps, what_if.inner_steps, what_if.inner_lr),
        ("fine-tuning", seen.finetuning_steps, what_if.finetuning_steps, what_if.finetuning_lr),
    ):
        if chosen is not None:
            parts.append(f"{name} steps {own} → {chosen}")
        if factor != 1:
            parts.append(f"{name} step size × {factor:g}")
    return ", ".join(parts)


def _which_replaced(what_if: WhatIf, name_of: Callable[[int], str]) -> str:
    """Return the names of the examples that went and of those in their place, in brackets."""
    pairs: list[str] = []
    for place in sorted({edit.place for edit in what_if.edits}):
        gone, new = (
            [edit.target for edit in what_if.edits if (edit.kind, edit.place) == (kind, place)]
            for kind in ("drop", "add")
        )
        pairs += [
            f"{name_of(one)} → {name_of(other)}" for one, other in zip(gone, new, strict=False)
        ]
    more = ", …" if len(pairs) > _MOST_NAMED else ""
    return f" ({', '.join(pairs[:_MOST_NAMED])}{more})"


def replaced(what_if: WhatIf, place: int, old: int, new: int) -> WhatIf:
    """Return the changes, and an example of the support set replaced by another of its class.

    Examples come in before others go out: a class is never left without one.
    """
    changed = what_if.with_edit(Edit("add", place, new)).with_edit(Edit("drop", place, old))
    order = {"swap": 0, "add": 1, "drop": 2}
    # Changes of different classes do not meet, nor do those of one class that are left.
    return replace(changed, edits=tuple(sorted(changed.edits, key=lambda edit: order[edit.kind])))
