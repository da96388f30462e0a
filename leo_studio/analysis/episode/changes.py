"""Changes to an episode by hand: in words, what they bring, and replacing an example."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit, EditKind, WhatIf
from leo_studio.analysis.formats import format_number, format_percentage, format_points
from leo_studio.analysis.inspection.findings import class_names

Kind = Literal["better", "worse", "same"]
_SIGNS = {"better": "▲ ", "worse": "▼ ", "same": ""}
_MOST_NAMED = 2  # examples of a kind in a sentence
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


def are_same_episode(one: Inspection, other: Inspection) -> bool:
    """Whether two inspections are of episodes with the same numbers."""
    same: bool = one.numbers.tolist() == other.numbers.tolist()
    return same


def in_words(
    what_if: WhatIf,
    seen: Inspection | None,
    noun: str,
    name_of: Callable[[int], str],
    classes: Sequence[str] = (),
) -> str:
    """Return what was changed: "1 support picture replaced (a → b), inner steps 5 → 3".

    "" for nothing.

    Parameters
    ----------
    what_if
        The changes.
    seen
        The episode as it is without them; None where nobody knows it any more.
    noun
        What people call an example: "picture", where they see one.
    name_of
        Returns what the store calls the example of a row; "" where nobody knows that.
    classes
        Names of the classes with the changes, by their places; needed where `seen` is None.
    """
    before: Sequence[str] = () if seen is None else class_names(seen)
    after = list(classes) if seen is None else _classes_after(what_if, seen)
    swapped = sorted({edit.place for edit in what_if.edits if edit.kind == "swap"})
    names = _ExampleNames(what_if, name_of, after)
    pairs, added, gone = names.replaced_added_gone()
    parts = [
        f"{len(each)} {one if len(each) == 1 else many} {done} ({_listed(each)})"
        for one, many, done, each in (
            ("class", "classes", "swapped", [_swap(before, after, place) for place in swapped]),
            (f"support {noun}", f"support {noun}s", "replaced", pairs),
            (f"support {noun}", f"support {noun}s", "added", added),
            (f"support {noun}", f"support {noun}s", "taken out", gone),
        )
        if each
    ]
    for name, own, chosen, factor in (
        ("inner", seen and seen.inner_steps, what_if.inner_steps, what_if.inner_lr),
        (
            "fine-tuning",
            seen and seen.finetuning_steps,
            what_if.finetuning_steps,
            what_if.finetuning_lr,
        ),
    ):
        if chosen is not None:
            parts.append(f"{name} steps {f'now {chosen}' if own is None else f'{own} → {chosen}'}")
        if factor != 1:
            parts.append(f"{name} step size × {factor:g}")
    return ", ".join(parts)


class _ExampleNames:
    """Names the examples that were changed by hand, at most some of a kind."""

    def __init__(
        self, what_if: WhatIf, name_of: Callable[[int], str], classes: Sequence[str]
    ) -> None:
        self._edits = what_if.edits
        self._name_of = name_of
        self._classes = classes

    def replaced_added_gone(self) -> tuple[list[str], list[str], list[str]]:
        """Return pairs of examples that took each other's place, and those without such a one."""
        pairs: list[str] = []
        added: list[str] = []
        gone: list[str] = []
        for place in sorted({edit.place for edit in self._edits}):
            out, new = self._of(place, "drop"), self._of(place, "add")
            pairs += [f"{one} → {other}" for one, other in zip(out, new, strict=False)]
            both = min(len(out), len(new))
            added += new[both:]
            gone += out[both:]
        return pairs, added, gone

    def _of(self, place: int, kind: EditKind) -> list[str]:
        rows = [edit.target for edit in self._edits if (edit.kind, edit.place) == (kind, place)]
        return [self._named(row, place) for row in rows]

    def _named(self, row: int, place: int) -> str:
        if name := self._name_of(row):
            return short_name(name)
        of_class = f" of {self._classes[place]}" if place < len(self._classes) else ""
        return f"example {row}{of_class}"


def short_name(name: str) -> str:
    """Return what the store calls an example, without its folder."""
    return name.rsplit("/", 1)[-1]


def _classes_after(what_if: WhatIf, seen: Inspection) -> list[str]:
    """Return the names of the classes once all are swapped."""
    names = class_names(seen)
    for edit in what_if.edits:
        if edit.kind == "swap" and edit.place < len(names):
            known = edit.target < len(seen.class_names)
            names[edit.place] = seen.class_names[edit.target] if known else f"class {edit.target}"
    return names


def _swap(before: Sequence[str], after: Sequence[str], place: int) -> str:
    new = after[place] if place < len(after) else f"class number {place + 1}"
    return f"{before[place]} → {new}" if place < len(before) else f"now {new}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")


def replaced(what_if: WhatIf, place: int, old: int, new: int) -> WhatIf:
    """Return the changes, and an example of the support set replaced by another of its class.

    Examples come in before others go out: a class is never left without one.
    """
    changed = what_if.with_edit(Edit("add", place, new)).with_edit(Edit("drop", place, old))
    order = {"swap": 0, "add": 1, "drop": 2}
    # Changes of different classes do not meet, nor do those of one class that are left.
    return replace(changed, edits=tuple(sorted(changed.edits, key=lambda edit: order[edit.kind])))
