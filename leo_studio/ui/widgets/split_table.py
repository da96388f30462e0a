"""The splits of a store as people read them: a table, or a sentence for each."""

import html
from collections.abc import Sequence

from engine.data.splits import SplitSummary


def split_table(splits: Sequence[SplitSummary], muted: str) -> str:
    """Return a table as markup; its heads have the colour `muted`."""
    heads = ("Split", "Classes", "Examples", "Per class", "Images")
    rows = [
        (
            split.name,
            f"{split.classes:,}",
            f"{split.examples:,}",
            _range(split.smallest_class, split.largest_class),
            "yes" if split.has_images else "no",
        )
        for split in splits
    ]
    cell = "<td align='{}' style='padding-right:14px'>{}</td>"
    sides = ("left", "right", "right", "right", "left")
    head = "".join(
        cell.format(side, f"<span style='color:{muted}'>{text}</span>")
        for side, text in zip(sides, heads, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            cell.format(side, html.escape(text)) for side, text in zip(sides, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table cellspacing='0'><tr>{head}</tr>{body}</table>"


def split_sentences(splits: Sequence[SplitSummary]) -> str:
    """Return a sentence for each split, as markup."""
    return "".join(
        f"<b>{html.escape(split.name)}</b>: {split.classes:,} classes, {split.examples:,} "
        f"examples ({_range(split.smallest_class, split.largest_class)} per class)<br>"
        for split in splits
    )


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
