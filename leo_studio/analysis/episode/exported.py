"""One episode as a figure, and the numbers behind it.

Shapes: P positions, N ways, Q queries per class, L latent size.
"""

import numpy as np

from engine.inspection.records import Inspection, position_name, taken_for
from engine.projection.linear import LinearBasis
from leo_studio.figures.plots import (
    accuracy_along,
    class_names,
    confusion_matrix,
    episode_codes,
    loss_along,
    provenance_facts,
)
from leo_studio.figures.records import Column, Exported, Facts, Figure, Table

_MOST_PATHS = 20


def exported_episode(
    seen: Inspection, basis: LinearBasis | None, position: int, title: str
) -> Exported:
    """Return how an episode went.

    Parameters
    ----------
    seen
        One episode.
    basis
        Axes for the codes' paths; without them, paths are left out.
    position
        Whose predictions the confusion matrix counts.
    title
        Which episode it is.
    """
    plots = [accuracy_along(seen), loss_along(seen)]
    if basis is not None:
        plots.append(episode_codes(seen, basis, _MOST_PATHS))
    plots.append(confusion_matrix(seen, position))
    provenance, number = seen.provenance, int(seen.numbers[0])
    facts = {**provenance_facts(provenance), "episode": number, "what_if": provenance.what_if}
    tables = [_queries(seen, facts), _way(seen, facts), _codes(seen, facts)]
    name = f"{provenance.split}-{number}"
    return Exported(name, Figure(plots, title, columns=2), tables, title)


def _queries(seen: Inspection, facts: Facts) -> Table:
    """Return each query: what it is, and what it was taken for at the three stages."""
    names = class_names(seen)
    ways, places = np.nonzero(seen.query[0] >= 0)
    columns: dict[str, Column] = {
        "row": seen.query[0, ways, places],
        "true_class": [names[way] for way in ways.tolist()],
    }
    for stage, place in zip(("before", "inner", "final"), seen.stages, strict=True):
        predicted = seen.predictions[0, place, ways, places]
        columns[f"taken_for_{stage}"] = [taken_for(names, way) for way in predicted.tolist()]
        columns[f"probability_of_true_{stage}"] = seen.probabilities[0, place, ways, places, ways]
    columns["probability"] = seen.probabilities[0, -1, ways, places]
    columns["entropy_nats"] = seen.entropy[0, 2, ways, places]
    columns["mutual_information_nats"] = seen.mutual_information[0, 2, ways, places]
    return Table("queries", columns, facts)


def _way(seen: Inspection, facts: Facts) -> Table:
    """Return losses and accuracies at each position of the adaptation."""
    count = seen.query_loss.shape[1]
    columns: dict[str, Column] = {
        "position": np.arange(count),
        "name": [position_name(seen, place) for place in range(count)],
    }
    for name in ("support_loss", "support_accuracy", "query_loss", "query_accuracy"):
        columns[name] = getattr(seen, name)[0]
    return Table("adaptation", columns, facts)


def _codes(seen: Inspection, facts: Facts) -> Table:
    """Return each class's code and the norm of its weights at each position."""
    names = class_names(seen)
    positions, ways, size = seen.codes.shape[1:]
    columns: dict[str, Column] = {
        "position": np.arange(positions).repeat(ways),
        "class": names * positions,
        "weight_norm": seen.weight_norms[0].reshape(-1),
        "code": seen.codes[0].reshape(-1, size),
        "deviation": np.tile(seen.deviation[0], (positions, 1)),
    }
    return Table("codes", columns, facts)
