"""Records of what an adapted classifier answers: frozen, of numpy arrays, read without torch.

Shapes: N ways, Q queries, M support examples, L latent size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NONE_OF_THESE = "none of these"


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """How far a support set can be trusted: each example, classified by all the others.

    Only examples of classes that have another one are asked about.

    Attributes
    ----------
    classes
        The true class of each that was asked about, (m,).
    winners
        Its most probable class, (m,).
    confidences
        The probability of that class, (m,).
    """

    classes: NDArray[np.int64]
    winners: NDArray[np.int64]
    confidences: NDArray[np.float32]

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Which are classified as what they are, (m,)."""
        return np.asarray(self.classes == self.winners)

    @property
    def accuracy(self) -> float | None:
        """The share that is right; None where no class has two examples."""
        return float(self.is_right.mean()) if len(self.classes) else None

    @property
    def sentence(self) -> str:
        """What it says of the support set, for people."""
        count = len(self.classes)
        if not count:
            return "Give a class a second example to see how far the examples can be trusted."
        right = int(self.is_right.sum())
        return f"Leave one out: {right:,} of {count:,} examples are classified right by the others."


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least probability of the winning class with which a query belongs to any class.

    Attributes
    ----------
    value
        0 to 1.
    reason
        Where it comes from, in a sentence.
    """

    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What an adapted classifier says of some queries.

    Attributes
    ----------
    class_names
        N names.
    probabilities
        Of each query, by the means, as evaluations compute them, (Q, N).
    threshold
        A winner with less is "none of these".
    samples
        How many classifiers were sampled for the uncertainty; 0 for a learner that samples nothing.
    deviations
        The standard deviation of the winner's probability over the samples, (Q,); empty without.
    informations
        The mutual information between the class and the sampled codes in nats, (Q,): how much of
        the doubt comes from the support set being small; empty without.
    codes
        The latent code that each query would get as an example of its winning class, (Q, L); empty
        for a learner without latent space.
    class_codes
        The latent code of each class, before adaptation, (N, L); empty like those.
    """

    class_names: tuple[str, ...]
    probabilities: NDArray[np.float32]
    threshold: Threshold
    samples: int
    deviations: NDArray[np.float32]
    informations: NDArray[np.float32]
    codes: NDArray[np.float32]
    class_codes: NDArray[np.float32]

    @property
    def winners(self) -> NDArray[np.int64]:
        """The most probable class of each query, (Q,)."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @property
    def confidences(self) -> NDArray[np.float32]:
        """The probability of the most probable class, (Q,)."""
        return np.asarray(self.probabilities.max(axis=1), np.float32)

    @property
    def is_none(self) -> NDArray[np.bool_]:
        """Which queries are none of these, (Q,)."""
        return np.asarray(self.confidences < self.threshold.value)

    def label(self, query: int) -> str:
        """Return what a query is called: its class, or "none of these"."""
        return NONE_OF_THESE if self.is_none[query] else self.class_names[self.winners[query]]
