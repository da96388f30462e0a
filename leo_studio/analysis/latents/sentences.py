"""Sentences about the latent space's plot: what its marks mean, what is shown, what is selected."""

from collections.abc import Collection, Sequence
from typing import Literal

from engine.inspection.records import TRAINING_EPISODES
from leo_studio.analysis.latents.options import Options
from leo_studio.analysis.latents.picking import Code
from leo_studio.analysis.latents.projected import METHODS, Projected, position_names
from leo_studio.analysis.latents.tried import why_no_tried
from leo_studio.services.try_records import TriedCodes

# Which episodes' codes are shown: the one that is looked at, the first ones, or those selected.
Scope = Literal["one", "first", "selected"]

HINTS: dict[Scope, str] = {
    "one": "",
    "first": "",
    "selected": "No episode is selected: select some in the table of episodes, or show the first "
    "ones here and draw around codes with Shift held.",
}

_SPLITS = {"val": "validation", TRAINING_EPISODES: "training"}


def key_words(
    shown: Projected, place: int, options: Options, *, has_ring: bool, has_tried: bool = False
) -> str:
    """Say what each kind of mark in the plot is, of those drawn, in one line of a wide panel."""
    parts = []
    episodes = len(shown.latents.numbers)
    if episodes > 1:  # else what is chosen says so, and the line is long already
        parts.append(f"{episodes:,} episodes, {shown.count:,} codes")
    if options.shows_before or place == 0:
        parts.append("○ hollow: code before")
    if place > 0:
        mark = "▼" if options.shape == "stage" else "●"
        parts.append(f"{mark} filled: {_after(shown, place)}")
        if options.paths == "arrows":
            parts.append("→ its way")
        elif options.paths == "trajectories":
            parts.append("line: its way, step by step")
    masses = ["50 %"] * options.shows_half + ["95 %"] * options.shows_most
    if masses and shown.is_linear:
        parts.append(f"ellipse: the code's spread ({' and '.join(masses)})")
    if options.shows_samples and shown.has_samples:
        parts.append("small dots: codes drawn from it")
    if has_ring:
        parts.append("ring: the episode looked at")
    if has_tried:
        parts.append("edged: yours")
    return " · ".join(parts)


def one_words(number: int, split: str) -> str:
    """Name one episode of a split; "" for no split stands alone."""
    name = f"Episode {number:,}"
    return f"{name} of {_SPLITS.get(split, split)}" if split else name


def selected_words(
    codes: Collection[Code], selected: Collection[int], shown: Sequence[int] | None = None
) -> str:
    """Say what is selected, and how much of it is not shown.

    Parameters
    ----------
    codes
        Those that a person drew around; they are counted where that is how it was selected.
    selected
        The numbers of the episodes.
    shown
        The numbers of the episodes that the plot shows, in order; None where it shows none.
    """
    words = f"{_counted(len(selected), 'episode')} selected"
    if {number for number, _ in codes} == set(selected):
        words = f"{_counted(len(codes), 'code')} of {words}"
    away = len(set(selected).difference(shown)) if shown is not None else 0
    if shown is None or not away:
        return words
    which = "" if away == len(selected) else f"{away:,} of these episodes "
    return f"{words}, {which}not {_among(shown)}"


def _among(shown: Sequence[int]) -> str:
    if len(shown) == 1:
        return "the one shown"
    are_first = shown[0] == 0 and shown[-1] == len(shown) - 1
    return f"among the first {len(shown):,} shown" if are_first else "among those shown"


def shown_words(
    shown: Projected, step: int | None, options: Options, tried: TriedCodes | None
) -> list[str]:
    """Say what is shown and what is not, in short parts.

    Parameters
    ----------
    shown, options
        The codes, and how they are drawn.
    step
        That of a run that trains, where its codes are shown.
    tried
        What a person has tried.
    """
    latents = shown.latents
    step = latents.provenance.step if step is None else step
    count, split = len(latents.numbers), latents.provenance.split
    episodes = f"episode {split} {latents.numbers[0]}" if count == 1 else f"{count:,} episodes"
    of_split = "" if count == 1 else f" of {split}"
    parts = [f"{episodes}{of_split}, {shown.count:,} codes", f"step {step:,}", shown.basis_words]
    if options.shows_samples and not shown.has_samples:
        parts.append("too many codes to place their samples too")
    if why_not := why_no_tried(tried, shown, options):
        parts.append(why_not)
    return parts


def tuned_words(shown: Projected, place: int) -> list[str]:
    """Say why no point moves, where a position is one of fine-tuning."""
    if _is_inner(shown, place):
        return []
    return ["fine-tuning changes the weights themselves; points are the codes nearest to them"]


def live_words(title: str) -> str:
    """Say which run, by its title, is followed while it trains; "" for none."""
    return f"live: {title}" if title else "live: no run trains now"


def cut_words(selected: int, most: int) -> list[str]:
    """Say that not all episodes that are selected are shown, where they are too many."""
    return [f"the first {most:,} of those selected"] if selected > most else []


def following_words(count: int, shown: Projected | None, share: float | None) -> str:
    """Say that the codes of so many episodes are on their way, and what is shown meanwhile.

    Parameters
    ----------
    count
        How many episodes are followed.
    shown
        What the plot shows until then; None for nothing.
    share
        How much is done, 0 to 1; None where nobody knows.
    """
    words = f"Following the codes of {_counted(count, 'episode')}{_share(share)}"
    if shown is None:
        return words
    before = _counted(len(shown.latents.numbers), "episode")
    return f"{words}; until then the plot shows {before}"


def components_words(method: str, share: float | None) -> str:
    """Say that principal components stand in for an embedding, of which a share is done."""
    return f"Principal components until {METHODS[method]} is ready{_share(share)}"


def cancelled_axes_words(method: str) -> str:
    """Say what is shown after axes were cancelled."""
    if method in ("pca", "lda"):
        return f"{METHODS[method]} was cancelled."
    return f"{METHODS[method]} was cancelled: these are principal components."


def cancelled_codes_words(count: int) -> str:
    """Say what is shown after the codes of so many episodes were cancelled."""
    return f"The codes of {_counted(count, 'episode')} were cancelled: shown is what was before."


def offer_words(method: str) -> str:
    """Offer an embedding that was chosen at another time, and is not begun by itself."""
    return f"These are principal components; {METHODS[method]} can take a minute."


def _share(share: float | None) -> str:
    return "..." if share is None else f": {100 * share:.0f} %"


def _after(shown: Projected, place: int) -> str:
    """Say after what the codes at a position are: inner 5 is after five steps of the inner loop."""
    is_end = shown.positions[place] == shown.latents.inner_steps
    return "after the inner loop" if is_end else f"after {position_names(shown)[place]}"


def _is_inner(shown: Projected, place: int) -> bool:
    return shown.positions[place] <= shown.latents.inner_steps


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
