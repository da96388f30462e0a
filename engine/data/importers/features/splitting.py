"""The split of each class of features: by a file of splits, the names of files, or chance."""

from engine.data.class_splits import SplitChoice, splits_by_chance, splits_by_file
from engine.data.importers.checks import require_disjoint
from engine.data.importers.features.merging import MergedFeatures
from engine.data.importers.labels import given_splits
from engine.data.splits import SPLITS
from engine.errors import BadInput
from engine.io.listing import listed


def divided(features: MergedFeatures, choice: SplitChoice) -> tuple[list[str | None], list[str]]:
    """Return the split of each class, None for one to be left out, and notes.

    Raises
    ------
    BadInput
        If what says it contradicts itself, or says it of some alone.
    SharedLabels
        If a table puts a class into several splits.
    """
    names = features.class_names
    if choice.file is not None:
        by_file, notes = splits_by_file(names, choice.file)
        return [by_file[name] for name in names], notes
    named = [part for part in features.parts if part.split]
    if len(features.parts) > 1 and named:
        return list(_by_names_of_files(features)), [_note_of_names(features)]
    if all(part.features.splits for part in features.parts):
        given = [split for part in features.parts for split in part.features.splits]
        where = listed([part.features.where for part in features.parts])
        return list(given_splits(given, features.labels, names, where)), []
    what = listed([part.features.where for part in features.parts])
    drawn, note = splits_by_chance(names, choice, what)
    if len(features.parts) == 1 and features.parts[0].split:
        note += " Where base, val and novel are files of their own, import them together."
    return [drawn[name] for name in names], [note]


def _by_names_of_files(features: MergedFeatures) -> list[str]:
    split_of: dict[str, str] = {}
    for part in features.parts:
        where = part.features.where
        if not part.split:
            raise BadInput(
                f"The name of {where} says no split, and those of other files do; call it base, "
                "val or novel, leave it out, or say which classes are which with --splits FILE."
            )
        names = [features.class_names[index] for index in sorted(set(part.labels.tolist()))]
        again = {name for name in names if split_of.get(name) == part.split}
        require_disjoint(part.split, [each for each in names if each not in again], split_of, where)
    return [split_of[name] for name in features.class_names]


def _note_of_names(features: MergedFeatures) -> str:
    parts = sorted(features.parts, key=lambda part: SPLITS.index(part.split))
    files = [f"{part.features.where} is {part.split}" for part in parts]
    return f"By the names of the files, {listed(files, len(files))}."
