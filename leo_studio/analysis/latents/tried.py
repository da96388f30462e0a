"""Codes of what a person has shown a run in "Try it", as points beside those of episodes.

Shapes: N classes, Q queries, L latent size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Latents
from engine.projection import LinearBasis
from leo_studio.analysis.formats import format_percentage
from leo_studio.analysis.latents.options import Options
from leo_studio.analysis.latents.projected import METHODS, Points, Projected
from leo_studio.services.try_records import TriedCodes


@dataclass(frozen=True, slots=True, eq=False)
class TriedPoints:
    """Points of a person's classes and queries.

    Attributes
    ----------
    classes, queries
        Theirs in the plane, (N, 2) and (Q, 2): the classes as they are before adaptation, each
        query as the one example of its most probable class.
    codes
        What is projected, the classes first, (N + Q, L).
    names, query_names
        Of the classes, and of the queries.
    places
        The place of each class among those of "Try it", which gives it colour and marker, (N,).
    winners
        The same of each query's most probable class, (Q,).
    is_none
        Which queries are none of the classes, (Q,).
    texts
        What is said of each, the classes first, N + Q.
    """

    classes: Points
    queries: Points
    codes: NDArray[np.float32]
    names: tuple[str, ...]
    query_names: tuple[str, ...]
    places: NDArray[np.int64]
    winners: NDArray[np.int64]
    is_none: NDArray[np.bool_]
    texts: tuple[str, ...]

    @property
    def all(self) -> Points:
        """All points, in the order of `texts`, (N + Q, 2)."""
        return np.concatenate([self.classes, self.queries])

    @property
    def legend(self) -> str:
        """What the legend calls them."""
        return "Yours: classes, queries" if len(self.queries) else "Yours: classes"


def tried_points(
    tried: TriedCodes | None, shown: Projected, options: Options
) -> TriedPoints | None:
    """Put a person's classes and queries on the axes that are shown.

    None where they are not wanted, are of other weights, or the axes have no place for them.
    """
    if tried is None or not options.shows_tried or not _are_of(tried, shown.latents):
        return None
    if tried.result.step != shown.latents.provenance.step:
        return None
    if not isinstance(shown.basis, LinearBasis):
        return None
    answers = tried.result.answers
    places = np.array(tried.places, np.int64)
    codes = answers.codes.reshape(-1, answers.class_codes.shape[1])
    return TriedPoints(
        shown.basis.project(answers.class_codes),
        shown.basis.project(codes),
        np.concatenate([answers.class_codes, codes]),
        answers.class_names,
        tuple(query.name for query in tried.result.queries),
        places,
        places[answers.winners],
        answers.is_none,
        (*_class_texts(tried), *_query_texts(tried)),
    )


def why_no_tried(tried: TriedCodes | None, shown: Projected, options: Options) -> str:
    """Say why a person's classes are not among the codes of their run; "" where they are."""
    if tried is None or not options.shows_tried or not _are_of(tried, shown.latents):
        return ""
    if tried.result.step != shown.latents.provenance.step:
        return f"yours are not shown: Try it asks step {tried.result.step:,}"
    if shown.is_linear:
        return ""
    name = METHODS[shown.basis.method]
    return f"yours are not shown: {name} has no axes on which other codes could be placed"


def _are_of(tried: TriedCodes, latents: Latents) -> bool:
    """Whether they are codes, and of the same run."""
    result = tried.result
    is_same = result.run_id == latents.provenance.run_id
    return is_same and result.answers.class_codes.shape[-1] == latents.codes.shape[-1]


def _class_texts(tried: TriedCodes) -> list[str]:
    return [f"{name}\nyour class, before adaptation" for name in tried.result.answers.class_names]


def _query_texts(tried: TriedCodes) -> list[str]:
    answers = tried.result.answers
    texts = []
    for row, query in enumerate(tried.result.queries):
        winner = answers.class_names[answers.winners[row]]
        share = format_percentage(float(answers.confidences[row]), 1)
        answer = f"{answers.label(row)}, most like {winner}" if answers.is_none[row] else winner
        texts.append(f"{query.name}\n{answer}: {share}\nyour query, as the one example of {winner}")
    return texts
