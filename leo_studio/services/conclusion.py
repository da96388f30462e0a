"""What is told of an import when it has ended well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.data.importers.checks import ImportedStore
from engine.errors import BadInput
from engine.io.listing import listed
from engine.tasks.catalogue import TASK_KINDS

if TYPE_CHECKING:
    from engine.evaluation.store_baseline import StoreBaseline
    from engine.runs.library import Library


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What came of an import.

    Attributes
    ----------
    stores
        What it made.
    sentences
        What is said first.
    details
        What is shown when asked for.
    presets
        The names of presets that fit the stores, by the names of those that have one.
    trains
        Whether these are of a pre-training, which is what the person has imported for.
    stays
        Whether all this waits for somebody to come back, since the import may have taken minutes.
    """

    stores: tuple[ImportedStore, ...]
    sentences: tuple[str, ...] = ()
    details: str = ""
    presets: Mapping[str, str] = field(default_factory=dict)
    trains: bool = False
    stays: bool = False


def told_of(library: "Library", stores: Sequence[ImportedStore]) -> Conclusion:
    """Say which stores are new, and find presets that fit them; see `told_of_one` for more."""
    from engine.data.store import EmbeddingStore
    from engine.runs.fitted_preset import preset_for

    new = [store.path.stem for store in stores if not store.is_unchanged]
    sentences = [f"Imported {listed(new, len(new))}."] if new else []
    presets = {}
    for store in stores:
        try:
            presets[store.path.stem], _ = preset_for(library, EmbeddingStore(store.path))
        except BadInput as error:
            sentences.append(str(error))
    return Conclusion(tuple(stores), tuple(sentences), presets=presets)


def told_of_one(
    library: "Library", made: ImportedStore, seen: Sequence[str] = (), trains: str = ""
) -> Conclusion:
    """Say what one store holds and what nearest class mean reaches; find a preset that fits it.

    Parameters
    ----------
    library
        Keeps the preset.
    made
        The store.
    seen
        Notes that the person has read before.
    trains
        The preset of the pre-training that the store is for; "" where it is for LEO.
    """
    from engine.data.store import EmbeddingStore
    from engine.evaluation.store_baseline import store_baselines
    from engine.runs.fitted_preset import preset_for, pretraining_preset_for

    store = EmbeddingStore(made.path)
    classes = sum(split.classes for split in store.splits.values())
    sentences = [f"Imported {made.path.stem}: {classes:,} classes."]
    sentences = [] if made.is_unchanged else sentences
    if not trains:
        sentences += [_about(store_baselines(store)), store.caution()]
    presets = {}
    try:
        if trains:
            preset = pretraining_preset_for(library, store, trains)
        else:
            preset, _ = preset_for(library, store)
    except BadInput as error:
        sentences.append(str(error))
    else:
        presets[made.path.stem] = preset
    notes = tuple(note for note in made.notes if note not in seen)
    return Conclusion(
        (replace(made, notes=notes),),
        tuple(each for each in sentences if each),
        "\n".join(store.left_out),
        presets,
        bool(trains),
        stays=True,
    )


def _about(baselines: "Sequence[StoreBaseline]") -> str:
    if not baselines:
        return ""
    accuracy = TASK_KINDS["classification"].scores[0]
    reached = [accuracy.text(each.evaluation.accuracy, each.evaluation.ci95) for each in baselines]
    first = baselines[0]
    more = [
        f" and {text} {each.k_shot}-shot"
        for each, text in zip(baselines[1:], reached[1:], strict=True)
    ]
    return (
        f"Nearest class mean reaches {reached[0]} on {first.split}, {first.n_way}-way "
        f"{first.k_shot}-shot{',' if more else ''}{','.join(more)}."
    )
