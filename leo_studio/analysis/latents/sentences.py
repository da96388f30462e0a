"""Sentences below the latent space's plot, and in its place."""

from collections.abc import Collection
from typing import Literal

from leo_studio.analysis.latents.projected import Projected

# Which episodes' codes are shown.
Scope = Literal["first", "selected", "current"]

HINTS: dict[Scope, str] = {
    "first": "",
    "selected": "No episode is selected: select some in the table of episodes, or show the first "
    "ones here and draw a box around codes.",
    "current": "No episode is looked at: click one in the table of episodes, or a code here.",
}


def shown_words(
    shown: Projected, step: int, selected: Collection[int], *, wants_samples: bool
) -> list[str]:
    """Say what is shown, in short parts."""
    latents = shown.latents
    count, split = len(latents.numbers), latents.provenance.split
    episodes = f"episode {split} {latents.numbers[0]}" if count == 1 else f"{count:,} episodes"
    of_split = "" if count == 1 else f" of {split}"
    parts = [f"{episodes}{of_split}, {shown.count:,} codes", f"step {step:,}", shown.basis_words]
    chosen = frozenset(selected) & frozenset(latents.numbers.tolist())
    if chosen:
        parts.append(f"{len(chosen):,} selected (Esc clears)")
    if wants_samples and not shown.has_samples:
        parts.append("too many codes to place their samples too")
    return parts
