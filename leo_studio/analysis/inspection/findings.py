"""Sentences about an inspection: nothing but what its arrays hold.

Shapes: P positions, N ways, Q queries per class.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Inspection
from leo_studio.analysis.formats import (
    format_number,
    format_percentage,
    format_points,
    format_value,
)

_MUCH = 1.15  # a norm that grew by so much is worth a word


def class_names(inspection: Inspection) -> list[str]:
    """Return the names of the episode's classes, in the order of their labels."""
    return [inspection.class_names[label] for label in inspection.classes[0].tolist()]


def headline(inspection: Inspection) -> str:
    """Return accuracy, loss and calibration in a line."""
    accuracy = inspection.query_accuracy[0]
    before, inner, tuned = (float(accuracy[place]) for place in inspection.stages)
    asked = int((inspection.query[0] >= 0).sum())
    return (
        f"{format_percentage(before, 1)} before, {format_percentage(inner, 1)} after the inner "
        f"loop, {format_percentage(tuned, 1)} after fine-tuning: "
        f"{format_points(tuned - before)} points on {asked:,} queries. Loss "
        f"{format_value(float(inspection.query_loss[0, 0]), 3)} → "
        f"{format_value(float(inspection.query_loss[0, -1]), 3)} nats, calibration error "
        f"{format_percentage(float(inspection.calibration_error[0, 2]), 1)}, mutual information "
        f"{format_value(float(np.nanmean(inspection.mutual_information[0, 2])), 2)} nats."
    )


def is_right(inspection: Inspection, position: int) -> NDArray[np.bool_]:
    """Say which queries are right, (N, Q); False where there is none."""
    labels = np.arange(inspection.query.shape[1])[:, None]
    right: NDArray[np.bool_] = inspection.predictions[0, position] == labels
    return right


def reasons(inspection: Inspection) -> list[str]:
    """Return sentences on what adaptation did, and where."""
    names = class_names(inspection)
    first, last = is_right(inspection, 0), is_right(inspection, -1)
    is_query = inspection.query[0] >= 0
    final = inspection.predictions[0, -1]
    sentences = []
    lost, won = first & ~last & is_query, ~first & last & is_query
    if lost.any():
        label, count = Counter(final[lost].tolist()).most_common(1)[0]
        where = f"class {_quoted(names, label)}" if label >= 0 else "no class"
        sentences.append(
            f"Adaptation moved {_queries(int(lost.sum()))} from right to wrong, "
            f"{_share(count, int(lost.sum()))}to {where}."
        )
    if won.any():
        label, count = Counter(np.nonzero(won)[0].tolist()).most_common(1)[0]
        who = "It" if lost.any() else "Adaptation"
        sentences.append(
            f"{who} moved {_queries(int(won.sum()))} from wrong to right, "
            f'{_share(count, int(won.sum()))}of class "{names[label]}".'
        )
    if not lost.any() and not won.any():
        sentences.append("Adaptation changed no prediction between right and wrong.")
    sentences += _confusion(names, final, is_query)
    sentences += _weights(names, inspection)
    return sentences


def _confusion(
    names: list[str], final: NDArray[np.int64], is_query: NDArray[np.bool_]
) -> list[str]:
    counts = Counter(
        (true, int(taken))
        for true, row in enumerate(final)
        for taken in row[is_query[true]].tolist()
        if taken != true
    )
    if not counts:
        return ["Every query is right after fine-tuning."]
    (true, taken), count = counts.most_common(1)[0]
    share = count / int(is_query[true].sum())
    return [
        f'Most often "{names[true]}" is taken for {_quoted(names, taken)}: {_times(count)}, '
        f"{format_percentage(share, 0)} of its queries."
    ]


def _weights(names: list[str], inspection: Inspection) -> list[str]:
    norms, sentences = inspection.weight_norms[0], []
    ratio = norms[-1] / np.maximum(norms[0], 1e-12)
    place = int(np.abs(np.log(np.maximum(ratio, 1e-12))).argmax())
    if not 1 / _MUCH < ratio[place] < _MUCH:
        sentences.append(
            f'The weights of "{names[place]}" went from a norm of '
            f"{format_number(float(norms[0, place]), 2)} to "
            f"{format_number(float(norms[-1, place]), 2)}, the largest change."
        )
    cosines = inspection.weight_cosines[0, -1] - 2 * np.eye(len(names))
    one, other = np.unravel_index(int(cosines.argmax()), cosines.shape)
    closest = format_number(float(cosines[one, other]), 2).replace("-", "−")
    sentences.append(
        f'The closest weights are those of "{names[one]}" and "{names[other]}", at a cosine of '
        f"{closest}."
    )
    return sentences


def _quoted(names: list[str], label: int) -> str:
    return f'"{names[label]}"' if label >= 0 else "no class"


def _share(count: int, total: int) -> str:
    if count < total:
        return f"{count} of them "
    return "" if total == 1 else "all of them "


def _queries(count: int) -> str:
    return "1 query" if count == 1 else f"{count:,} queries"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
