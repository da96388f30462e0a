"""Records of inspected episodes: frozen, of numpy arrays, read without torch.

Shapes: E episodes, C classes of the split, N ways, K shots, Q queries per class, L latent size, S
samples, T inner steps, F fine-tuning steps. P = T + F + 1 positions lie along the way of an
adaptation: before it, after each inner step and after each fine-tuning step; three of them are its
stages: 0 (before), T (after the inner loop) and T + F (after fine-tuning).

Classes may have different numbers of examples: what is not there has row -1, and its probabilities
and entropies are not-a-number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.inspection.what_if import parse_what_if

LATENT_QUERIES: Final = 15
"""Queries of each class at most that latents of many episodes are measured on."""
# The name, beside those of splits, of the episodes that a run trained on, by its own seed.
TRAINING_EPISODES: Final = "training"
STAGES = ("before", "after the inner loop", "after fine-tuning")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Provenance of an inspection: whose weights, and which episodes.

    Attributes
    ----------
    run, run_id
        The run's name and identifier; "" for weights that are of no run.
    step
        Outer steps that the weights were trained for.
    split
        "train", "val", "test", or joined splits such as "train+val".
    seed
        Of the episodes: 0 for those of evaluations, a run's own for those that it trained on.
    what_if
        What was changed by hand; see `engine.inspection.what_if`.
    """

    split: str
    seed: int
    run: str = ""
    run_id: str = ""
    step: int = 0
    what_if: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Episodes in full.

    Attributes
    ----------
    provenance
        Which weights saw which episodes.
    class_names
        Names of all classes of the split, (C,).
    numbers
        The episodes, (E,).
    classes
        Class n of each episode, as a place in `class_names`, (E, N).
    support, query
        Rows of the split, (E, N, K) and (E, N, Q).
    inner_steps, finetuning_steps
        T and F.
    mean, deviation
        Of each class's distribution over latent codes (equation 3), (E, N, L). The deviation is 0
        for the variant without sampling.
    codes
        The deterministic path, from `mean`, (E, P, N, L). Fine-tuning moves weights, not codes; its
        positions have the codes whose decoded weights are nearest.
    sampled_codes
        Codes drawn from the distributions, and their paths, (E, S, P, N, L).
    unreachable
        Share of each weight vector's norm that no code decodes to, 0 to 1; 0 before fine-tuning,
        (E, P, N).
    weight_norms, weight_cosines
        Of the classifier weights along the deterministic path, (E, P, N) and (E, P, N, N).
    support_loss, support_accuracy, query_loss, query_accuracy
        Along the deterministic path: mean cross-entropies in nats and shares of examples that are
        right, (E, P). A tie counts as wrong.
    support_probabilities, probabilities
        Of support examples and queries along the deterministic path, (E, P, N, K, N) and
        (E, P, N, Q, N); true classes first, predicted ones last.
    sampled_probabilities
        Of queries at the three stages, for each sample, (E, S, 3, N, Q, N).
    entropy, expected_entropy, mutual_information
        In nats, at the three stages, (E, 3, N, Q): the entropy of the prediction averaged over the
        samples, the average entropy of the samples' predictions, and the difference of the two,
        which is the mutual information between prediction and code.
    calibration_error
        Expected calibration error of the deterministic path at the three stages, (E, 3).
    """

    provenance: Provenance
    class_names: tuple[str, ...]
    numbers: NDArray[np.int64]
    classes: NDArray[np.int64]
    support: NDArray[np.int64]
    query: NDArray[np.int64]
    inner_steps: int
    finetuning_steps: int
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    codes: NDArray[np.float32]
    sampled_codes: NDArray[np.float32]
    unreachable: NDArray[np.float32]
    weight_norms: NDArray[np.float32]
    weight_cosines: NDArray[np.float32]
    support_loss: NDArray[np.float32]
    support_accuracy: NDArray[np.float32]
    query_loss: NDArray[np.float32]
    query_accuracy: NDArray[np.float32]
    support_probabilities: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    sampled_probabilities: NDArray[np.float32]
    entropy: NDArray[np.float32]
    expected_entropy: NDArray[np.float32]
    mutual_information: NDArray[np.float32]
    calibration_error: NDArray[np.float32]

    @property
    def stages(self) -> tuple[int, int, int]:
        """Positions of the three stages."""
        return 0, self.inner_steps, self.inner_steps + self.finetuning_steps

    @property
    def samples(self) -> int:
        """S."""
        return int(self.sampled_codes.shape[1])

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The most probable class of each query along the path, (E, P, N, Q).

        -1 for no query, and for one whose probabilities are not numbers: it is taken for no class.
        """
        is_known = ~np.isnan(self.probabilities).any(-1) & (self.query >= 0)[:, None]
        probable = np.nan_to_num(self.probabilities, nan=-1.0).argmax(-1)
        return np.where(is_known, probable, -1)

    def episode(self, place: int) -> "Inspection":
        """Return one of the episodes alone, E = 1."""
        alone: dict[str, Any] = {
            field.name: getattr(self, field.name)[place : place + 1]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **alone)


@dataclass(frozen=True, slots=True)
class EpisodeTable:
    """A table of episodes, one row each; queries are those of an evaluation.

    Attributes
    ----------
    provenance, class_names, numbers, classes
        As in `Inspection`.
    accuracies, losses
        Of the queries at the three stages, (E, 3); the last one is what an evaluation reports.
    calibration_errors
        Expected calibration error after fine-tuning, (E,).
    entropies, mutual_informations
        Averages over queries after fine-tuning, in nats, (E,): the entropy of the deterministic
        prediction, and how much of the prediction's entropy is due to the code (some queries and
        samples; see `engine.inspection.tables`).
    confident_errors
        Share of queries that are wrong with a probability of at least 0.9, (E,).
    confusions
        Queries of class i that were taken for class j after fine-tuning, (E, N, N).
    """

    provenance: Provenance
    class_names: tuple[str, ...]
    numbers: NDArray[np.int64]
    classes: NDArray[np.int64]
    accuracies: NDArray[np.float64]
    losses: NDArray[np.float64]
    calibration_errors: NDArray[np.float64]
    entropies: NDArray[np.float64]
    mutual_informations: NDArray[np.float64]
    confident_errors: NDArray[np.float64]
    confusions: NDArray[np.int32]

    @property
    def gains(self) -> NDArray[np.float64]:
        """What adaptation did to the accuracy, (E,): after fine-tuning less before."""
        return self.accuracies[:, 2] - self.accuracies[:, 0]


@dataclass(frozen=True, slots=True)
class Latents:
    """Latent codes of many episodes, without the predictions of single queries.

    Attributes
    ----------
    provenance, class_names, numbers, classes, support
        As in `Inspection`.
    inner_steps, finetuning_steps, deviation, codes
        As in `Inspection`; `codes[:, 0]` are the means.
    sampled_before, sampled_after
        Codes drawn from the distributions, and what the inner loop makes of them, (E, S, N, L).
    accuracies
        Of some queries at the three stages, (E, 3).
    uncertainties
        Mutual information between prediction and code after fine-tuning, in nats, averaged over
        these queries, (E,).
    """

    provenance: Provenance
    class_names: tuple[str, ...]
    numbers: NDArray[np.int64]
    classes: NDArray[np.int64]
    support: NDArray[np.int64]
    inner_steps: int
    finetuning_steps: int
    deviation: NDArray[np.float32]
    codes: NDArray[np.float32]
    sampled_before: NDArray[np.float32]
    sampled_after: NDArray[np.float32]
    accuracies: NDArray[np.float32]
    uncertainties: NDArray[np.float32]

    @property
    def stages(self) -> tuple[int, int, int]:
        """Positions of the three stages."""
        return 0, self.inner_steps, self.inner_steps + self.finetuning_steps


def example_rows(inspection: Inspection) -> NDArray[np.int64]:
    """Return the rows of all examples that occur, sorted: also of those taken out by hand."""
    edits = parse_what_if(inspection.provenance.what_if).edits
    changed = [edit.target for edit in edits if edit.kind != "swap"]
    rows = np.union1d(np.union1d(inspection.support, inspection.query), np.array(changed, np.int64))
    return rows[rows >= 0]


# The arrays of an inspection, each letter the length of an axis; 3 is the number of stages.
SHAPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "numbers": "E",
        "classes": "EN",
        "support": "ENK",
        "query": "ENQ",
        "mean": "ENL",
        "deviation": "ENL",
        "codes": "EPNL",
        "sampled_codes": "ESPNL",
        "unreachable": "EPN",
        "weight_norms": "EPN",
        "weight_cosines": "EPNN",
        "support_loss": "EP",
        "support_accuracy": "EP",
        "query_loss": "EP",
        "query_accuracy": "EP",
        "support_probabilities": "EPNKN",
        "probabilities": "EPNQN",
        "sampled_probabilities": "ES3NQN",
        "entropy": "E3NQ",
        "expected_entropy": "E3NQ",
        "mutual_information": "E3NQ",
        "calibration_error": "E3",
    }
)
ROWS = ("numbers", "classes", "support", "query")  # whole numbers; all others are measured


def misshapen(inspection: Inspection) -> str | None:
    """Return the first part of an inspection that does not fit the others; None where all do."""
    positions = inspection.inner_steps + inspection.finetuning_steps + 1
    lengths = {"3": len(STAGES), "P": positions}
    for name, letters in SHAPES.items():
        shape = getattr(inspection, name).shape
        if len(shape) != len(letters):
            return name
        for letter, length in zip(letters, shape, strict=True):
            if lengths.setdefault(letter, length) != length or length == 0:
                return name
    classes, names = inspection.classes, len(inspection.class_names)
    return "classes" if classes.min() < 0 or classes.max() >= names else None


def taken_for(names: Sequence[str], place: int) -> str:
    """Return the name of the class that a query is taken for; see `Inspection.predictions`."""
    return names[place] if place >= 0 else "no class"


def position_name(record: Inspection | Latents, position: int) -> str:
    """Return "before", "inner 3 of 5" or "fine-tuning 2 of 5"."""
    if position == 0:
        return "before"
    if position <= record.inner_steps:
        return f"inner {position} of {record.inner_steps}"
    return f"fine-tuning {position - record.inner_steps} of {record.finetuning_steps}"


R = TypeVar("R", Inspection, EpisodeTable, Latents)


def joined(parts: Sequence[R]) -> R:
    """Put records of one provenance below one another, in their order."""
    first = parts[0]
    whole: dict[str, Any] = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(first)
        if isinstance(getattr(first, field.name), np.ndarray)
    }
    return replace(first, **whole)
