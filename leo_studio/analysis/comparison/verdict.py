"""What a comparison of two runs comes to, in sentences."""

from leo_studio.analysis.comparison.differences import Paired, differing_settings
from leo_studio.analysis.experiment.setting_labels import setting_label
from leo_studio.services.records import RunEntry

_MOST_NAMED = 4  # settings in a sentence; the table has all of them


def verdict(found: Paired, one: str, other: str, split: str) -> str:
    """Return which of two runs is better, by how much, and whether that is sure.

    Parameters
    ----------
    found
        Their evaluations on the same episodes.
    one, other
        What the runs are called in the sentence.
    split
        Where the episodes are from.
    """
    difference = found.difference
    better, worse = (one, other) if difference.difference >= 0 else (other, one)
    points = f"{100 * abs(difference.difference):.2f} ± {100 * difference.ci95:.2f} points"
    verb = "excludes" if difference.excludes_zero else "includes"
    where = f"({split}, paired on the same {difference.episodes:,} episodes; the interval {verb} 0)"
    if difference.excludes_zero:
        return f"{better} is better than {worse} by {points} {where}."
    return f"{better} is not clearly better than {worse}: the difference is {points} {where}."


def differ_in(one: RunEntry, other: RunEntry) -> str:
    """Say in which settings two runs differ, where these are several; "" otherwise."""
    paths = [row.path for row in differing_settings([one.experiment, other.experiment])]
    names = [_in_a_sentence(setting_label(path)) for path in paths if "." in path]
    if len(names) < 2:
        return ""
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} other settings"]
    return f"They differ in {', '.join(names[:-1])} and {names[-1]}."


def _in_a_sentence(label: str) -> str:
    """Begin a label with a small letter, but for one such as "L2 penalty"."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
