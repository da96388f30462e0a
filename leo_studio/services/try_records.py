"""Records of "Try it": a person's classes, pictures and drawings, and what a run says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.classifying.records import Answers, LeaveOneOut

Stroke = NDArray[np.float64]  # the points of one, (P, 2)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Example:
    """A picture, a drawing, or an example of the run's store; two are never equal.

    Attributes
    ----------
    name
        What it is called.
    image
        What is shown of it, (h, w, 1 or 3); None for a drawing, and where a store keeps no images.
    strokes
        Of a drawing.
    path
        The file of a picture.
    pixels
        A picture that has no file, (h, w, 3): one that was pasted.
    run
        The run from whose store it is.
    place
        The split and the row there.
    """

    name: str
    image: NDArray[np.uint8] | None = None
    strokes: tuple[Stroke, ...] = ()
    path: Path | None = None
    pixels: NDArray[np.uint8] | None = None
    run: Path | None = None
    place: tuple[str, int] = ("", 0)

    @property
    def is_of_store(self) -> bool:
        """Whether its embedding is there, and none has to be made."""
        return self.run is not None


@dataclass(frozen=True, slots=True)
class TryTools:
    """What can be done with a run here.

    Attributes
    ----------
    why_no_pictures
        Why pictures and drawings cannot be embedded like its store's; "" where they can.
    is_bright_on_black
        Whether drawings look like that, as the built-in glyphs; else they are ink on paper.
    classes
        The names of the store's classes and how many examples each has, by split.
    why_no_export
        Why a classifier cannot be exported with the encoder in front; "" where it can.
    """

    why_no_pictures: str
    is_bright_on_black: bool
    classes: Mapping[str, tuple[tuple[str, int], ...]]
    why_no_export: str


@dataclass(frozen=True, slots=True)
class ReadExamples:
    """Pictures that were read, and what is wrong with others, a sentence each."""

    examples: tuple[Example, ...]
    problems: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """What is wrong with some, in short; "" for nothing."""
        more = f" And {len(self.problems) - 1:,} more." if len(self.problems) > 1 else ""
        return f"{self.problems[0]}{more}" if self.problems else ""


@dataclass(frozen=True, slots=True)
class TryRequest:
    """What a run is to be asked.

    Attributes
    ----------
    run, step
        Whose weights; None for the run's own choice of a checkpoint.
    names, classes
        The classes, each with its examples.
    queries
        What is asked about.
    threshold
        See `Answers`; None for the calibrated one.
    """

    run: Path
    step: int | None
    names: tuple[str, ...]
    classes: tuple[tuple[Example, ...], ...]
    queries: tuple[Example, ...]
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class TryResult:
    """What a run says.

    Attributes
    ----------
    run_id, step
        Whose weights answered.
    kept
        The places in the request of the classes that could be embedded, in the order of the
        answers.
    queries
        Those that could be embedded, in the order of the answers.
    answers, left_out
        See `engine.classifying.records`.
    note
        What is to be said of the support set; "" for nothing.
    problems
        What is wrong with examples and queries that were left out.
    """

    run_id: str
    step: int
    kept: tuple[int, ...]
    queries: tuple[Example, ...]
    answers: Answers
    left_out: LeaveOneOut
    note: str = ""
    problems: Mapping[Example, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class TriedCodes:
    """The codes of what a run was asked, for those who show its latent space.

    Attributes
    ----------
    result
        Has them in its answers.
    places
        The places of its classes among those of the panel, for their colours and markers.
    """

    result: TryResult
    places: tuple[int, ...]
