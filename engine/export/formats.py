"""The formats of export, and the records of written files and of their checks.

No torch, so that a window can offer them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.config import Experiment
from engine.errors import BadInput
from engine.io.names import one_of
from engine.learners.catalogue import learner_kind

BAR = 1e-5
"""The largest difference that is let through, as a share of the largest number (at least 1)."""

FormatName = Literal[
    "bundle", "safetensors", "pytorch", "onnx", "torch-export", "episodes", "tensorboard"
]


@dataclass(frozen=True, slots=True)
class Format:
    """One format of export.

    Attributes
    ----------
    name
        What the command line calls it.
    title
        What people call it.
    purpose
        What it is for, in a sentence.
    endings
        Of its file; none where it is a folder with several files.
    takes
        What a learner must have for it: weights, programs, or nothing of its own.
    inside
        The ending of the files in its folder, where people know the format by it.
    """

    name: FormatName
    title: str
    purpose: str
    endings: tuple[str, ...] = ()
    takes: Literal["weights", "programs", "episodes", "nothing"] = "nothing"
    inside: str = ""

    @property
    def known_by(self) -> tuple[str, ...]:
        """Endings that people type for it."""
        return self.endings or ((self.inside,) if self.inside else ())


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("bundle", "Checkpoint bundle", "Everything in one file, to be imported.", (".leo",)),
        Format(
            "safetensors", "safetensors", "The weights alone.", (".safetensors",), takes="weights"
        ),
        Format(
            "pytorch",
            "PyTorch",
            "The weights for torch.load, without code.",
            (".pt",),
            takes="weights",
        ),
        Format(
            "onnx",
            "ONNX models",
            "The whole adaptation, for any language.",
            takes="programs",
            inside=".onnx",
        ),
        Format(
            "torch-export",
            "torch.export programs",
            "The whole adaptation, for PyTorch.",
            takes="programs",
            inside=".pt2",
        ),
        Format(
            "episodes",
            "Episodes",
            "Episodes as arrays, to check others by.",
            (".npz", ".safetensors"),
            takes="episodes",
        ),
        Format("tensorboard", "TensorBoard", "All metrics and settings, for its own window."),
    )
}


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check: how far a written program is from the engine.

    Attributes
    ----------
    name
        The file.
    reader
        What ran it.
    difference
        The largest one, as a share of the largest number (at least 1) of the same output.
    cases
        How many were tried.
    kind
        What these are.
    """

    name: str
    reader: str
    difference: float
    cases: int
    kind: Literal["sizes", "pictures"] = "sizes"

    @property
    def agrees(self) -> bool:
        """Whether the difference is below the bar."""
        return self.difference <= BAR

    def __str__(self) -> str:
        """Say it in a sentence."""
        verdict = "agrees with" if self.agrees else "DIFFERS from"
        return (
            f"{self.name} in {self.reader} {verdict} the engine: at most {self.difference:.1e} "
            f"apart over {self.cases} {self.kind} (allowed: {BAR:.0e})"
        )


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written."""

    path: Path
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an export: the written files and the results of their checks."""

    files: tuple[WrittenFile, ...]
    checks: tuple[Check, ...] = ()
    accuracy: float | None = None  # of the engine on the episodes that were written


def formats_of(experiment: Experiment) -> dict[str, Format]:
    """Return the formats that an experiment's learner can leave the studio in, by name."""
    had = {
        "weights": experiment.learner.is_trained,
        "programs": learner_kind(experiment).has_programs,
        "episodes": experiment.task.needs_store,
        "nothing": True,
    }
    return {name: each for name, each in FORMATS.items() if had[each.takes]}


def require_format(experiment: Experiment, run: str, format_name: str) -> None:
    """Raise `BadInput` where a run's learner has not what a format takes.

    Parameters
    ----------
    experiment
        The run's settings.
    run
        What people call it.
    format_name
        One of `FORMATS`.
    """
    possible = formats_of(experiment)
    if format_name in possible:
        return
    *names, last = possible
    raise BadInput(
        f"{run} learns by {experiment.learner.noun()}: it has no {FORMATS[format_name].takes}; "
        f"export it as {', '.join(names)} or {last}."
    )


def require_target(out: Path, format_name: str) -> Format:
    """Return the format of that name, if `out` can be one of its files or folders.

    Raises
    ------
    BadInput
        If there is no such format, or the name has another ending, or is that of something else.
    """
    if format_name not in FORMATS:
        raise BadInput(f'--format is "{format_name}"; {one_of(format_name, FORMATS)}')
    chosen = FORMATS[format_name]
    if chosen.endings and out.suffix not in chosen.endings:
        raise BadInput(f"{out.name} must end with {' or '.join(chosen.endings)}; rename it.")
    if chosen.endings and out.is_dir():
        raise BadInput(f"{out} is a folder; give the name of a file.")
    if not chosen.endings and out.exists() and not out.is_dir():
        raise BadInput(f"{out} is a file; give a folder for {chosen.title}.")
    return chosen
