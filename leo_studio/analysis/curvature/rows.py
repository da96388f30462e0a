"""Records of curvature as people read them: a row for each quantity, and what was found."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.inspection.curvature_record import (
    Box,
    Curvature,
    CurvatureRecord,
    PositionCurvature,
    StepLengths,
)
from engine.tasks.scores import UNKNOWN
from leo_studio.analysis.comparison.short_names import short_names
from leo_studio.analysis.formats import format_value

LATENT, WEIGHTS = "latent", "weights"
_DIGITS = 3
COLUMNS = {
    "Quantity": "What was measured, over all episodes",
    "5 %": "A twentieth of the values are below it",
    "25 %": "A quarter of the values are below it",
    "Median": "Half of the values are below it",
    "75 %": "Three quarters of the values are below it",
    "95 %": "A twentieth of the values are above it",
}
"""The columns of a table of quantities, and what each is."""


class Analysed(NamedTuple):
    """A record, under the title of its run for people."""

    title: str
    record: CurvatureRecord


class Quantity(NamedTuple):
    """A quantity, the space that it is measured in, and its spread.

    Attributes
    ----------
    name
        "eigenvalues", "largest eigenvalue", "ratio", "singular values", "inner step" or
        "fine-tuning step".
    space
        `LATENT` or `WEIGHTS`; "" for what lies between the two.
    """

    name: str
    space: str
    box: Box

    @property
    def label(self) -> str:
        """What it is, for people."""
        return _LABELS[self.name].format(
            {LATENT: "latent space", WEIGHTS: "weight space"}.get(self.space, "")
        )


_LABELS = {
    "eigenvalues": "Eigenvalues of the Hessian, {}",
    "largest eigenvalue": "Largest eigenvalue of an episode, {}",
    "ratio": "Largest eigenvalue, latent space divided by weight space",
    "singular values": "Singular values of the decoder",
    "inner step": "Length of an inner step, {}",
    "fine-tuning step": "Length of a fine-tuning step, {}",
}


def quantities(record: CurvatureRecord) -> list[Quantity]:
    """Return what was measured over the whole adaptation, in the order of figure 5."""
    expansion = record.expansion
    return [
        *_of_curvature(record.whole),
        *([] if expansion is None else [Quantity("singular values", "", expansion)]),
        *_of_steps("inner step", record.inner),
        *_of_steps("fine-tuning step", record.finetuning),
    ]


def quantities_at(record: CurvatureRecord, position: int) -> list[Quantity]:
    """Return what was measured at one position, and of the step that led there."""
    found: PositionCurvature = record.positions[position]
    name = "inner step" if position <= record.inner_steps else "fine-tuning step"
    return [*_of_curvature(found.curvature), *_of_steps(name, found.step)]


def texts_of(box: Box) -> tuple[str, ...]:
    """Return the five numbers of a box as people read them."""
    return tuple(format_value(value, _DIGITS) for value in box.values)


def spread_text(box: Box | None) -> str:
    """Return "median (5 % to 95 %)"; a dash for None."""
    if box is None:
        return UNKNOWN
    low, median, high = (format_value(each, _DIGITS) for each in (box.low, box.median, box.high))
    return f"{median} ({low} to {high})"


def short_position(record: CurvatureRecord, position: int) -> str:
    """Return a position by the step before it: "0", "z3" of a step on codes, "θ2" on weights."""
    if position == 0:
        return "0"
    if position <= record.inner_steps:
        return f"{'z' if record.has_codes else 'θ'}{position}"
    return f"θ{position - record.inner_steps}"


def run_names(runs: Sequence[Analysed]) -> Sequence[str]:
    """Return what the methods are called, or where that is the same, what titles tell apart."""
    methods = [run.record.method for run in runs]
    return methods if len(set(methods)) == len(runs) else short_names([run.title for run in runs])


def description(record: CurvatureRecord) -> str:
    """Say what was measured, and which eigenvalues are left out."""
    return (
        f"{_where(record)}. Absolute eigenvalues of the Hessian of the mean support loss: "
        f"{_counted(record)} are counted; the others are 0 whatever the weights are."
    )


def descriptions(runs: Sequence[Analysed]) -> str:
    """Say of each run what was measured; what holds for all of them once."""
    records = [run.record for run in runs]
    if len({description(record) for record in records}) == 1:
        return description(records[0])
    lines = [
        f"{name}: {_where(record)}; {_counted(record)}."
        for name, record in zip(run_names(runs), records, strict=True)
    ]
    lines.append(
        "So many absolute eigenvalues of the Hessian of the mean support loss are counted; the "
        "others are 0 whatever the weights are."
    )
    return "\n".join(lines)


def finding(record: CurvatureRecord) -> str:
    """Say what figure 5 asks: how the loss bends, and what the decoder does to steps."""
    bends = _how_it_bends(record)
    if not bends:
        return _without_codes(record)
    return f"{bends}; {_PAPER}. {_decoder(record.singular_values)}"


def findings(runs: Sequence[Analysed]) -> str:
    """Say of each run what figure 5 asks, in a line; and once what the paper has."""
    if len(runs) == 1:
        return finding(runs[0].record)
    lines, all_bend = [], [_how_it_bends(run.record) for run in runs]
    for name, (_, record), bends in zip(run_names(runs), runs, all_bend, strict=True):
        found = f"{bends}. {_decoder(record.singular_values)}" if bends else _without_codes(record)
        lines.append(f"{name}: {found}")
    if any(all_bend):
        lines.append(f"{_PAPER[0].upper()}{_PAPER[1:]}.")
    return "\n".join(lines)


_PAPER = "in the paper the median is about 100 times as large"


def _where(record: CurvatureRecord) -> str:
    """Return the episodes and the checkpoint that a record is of."""
    return (
        f"{record.episodes:,} episodes of split {record.split}, {record.n_way}-way "
        f"{record.k_shot}-shot, checkpoint step {record.checkpoint_step:,}"
    )


def _counted(record: CurvatureRecord) -> str:
    """Return how many eigenvalues are not 0 whatever the weights are."""
    counted = f"{record.weight_rank:,} of {record.weight_size:,} in weight space"
    if record.has_codes:
        counted = f"{record.latent_rank:,} of {record.latent_size:,} in latent and {counted}"
    return counted


def _without_codes(record: CurvatureRecord) -> str:
    return (
        "It adapts weights alone: there is no latent space to compare with, and no decoder. "
        f"The median eigenvalue is {format_value(record.whole.weights.median, _DIGITS)}."
    )


def _how_it_bends(record: CurvatureRecord) -> str:
    """Return by how much the loss bends more in latent space; "" where there is none."""
    bends = record.whole
    if bends.latent is None or bends.ratio is None or not record.singular_values:
        return ""
    all_of_them = _quotient(bends.latent.median, bends.weights.median)
    return (
        f"The largest eigenvalue of an episode is {format_value(bends.ratio.median, _DIGITS)} "
        "times as large in latent space as in weight space, and the median of all eigenvalues "
        f"{all_of_them} times as large"
    )


def _decoder(values: Sequence[float]) -> str:
    """Say what a decoder with these singular values, the largest first, does to steps."""
    above = sum(value > 1 for value in values)
    return (
        f"Of the decoder's {len(values)} singular values {above} {'is' if above == 1 else 'are'} "
        f"above 1, and the largest is {format_value(values[0], _DIGITS)}: the decoder "
        f"{_what_it_does(values)}."
    )


def _what_it_does(values: Sequence[float]) -> str:
    """Return what a decoder does to steps, by its singular values, the largest first."""
    if values[-1] > 1:
        return "makes steps longer in every direction"
    directions = "some directions" if values[0] > 1 else "no direction"
    return f"makes steps longer in {directions}"


def _quotient(one: float, other: float) -> str:
    return format_value(one / other, _DIGITS) if other else UNKNOWN


def _of_curvature(curvature: Curvature) -> Iterator[Quantity]:
    yield from _present("eigenvalues", curvature.latent, curvature.weights)
    yield from _present("largest eigenvalue", curvature.largest_latent, curvature.largest_weights)
    if curvature.ratio is not None:
        yield Quantity("ratio", "", curvature.ratio)


def _of_steps(name: str, steps: StepLengths | None) -> Iterable[Quantity]:
    return () if steps is None else _present(name, steps.latent, steps.weights)


def _present(name: str, latent: Box | None, weights: Box) -> Iterator[Quantity]:
    if latent is not None:
        yield Quantity(name, LATENT, latent)
    yield Quantity(name, WEIGHTS, weights)
