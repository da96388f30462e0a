"""Problems that keep an experiment from being trained, each with the settings it is about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.config import Experiment, Regression, used_settings
from engine.data.function_file import require_points
from engine.data.function_rows import no_functions_at
from engine.data.requirements import unmet_requirements
from engine.errors import BadInput
from engine.io.paths import expanded_if_known, is_file
from leo_studio.analysis.experiment.draft import Draft
from leo_studio.analysis.experiment.numbers import parsed
from leo_studio.analysis.experiment.own_functions import FILE
from leo_studio.analysis.experiment.setting_labels import in_labels
from leo_studio.analysis.typed_numbers import number_text
from leo_studio.services.own_functions import OwnFunctions
from leo_studio.services.records import DeviceEntry, StoreEntry

_BESIDE_FILE = ("task.k_shot", "task.noise")  # which a file of functions has to suit


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence about one setting, or about several."""

    paths: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The machine and the library that an experiment would be trained with."""

    store: StoreEntry | None  # None where it is drawn when it is first needed
    devices: Sequence[DeviceEntry] = ()
    device_reason: str = ""  # why there is no GPU
    functions: OwnFunctions | None = None  # of the file that is named; None where nobody knows


def find_problems(draft: Draft, surroundings: Surroundings) -> tuple[Problem, ...]:
    """Return everything that is wrong, what the schema refuses first."""
    known = [path for path, _ in used_settings(draft.kinds)]
    found = [
        Problem(_paths(path, sentence, known), _with_hint(sentence, draft.values.get(path)))
        for path, sentence in draft.mistakes().items()
    ]
    experiment = draft.experiment()
    store = surroundings.store
    if store is not None and store.problem:
        found.append(Problem(("data.store",), store.problem))
    elif store is not None and experiment is not None:
        splits = {split.name: split for split in store.splits}
        for sentence in unmet_requirements(experiment, store.path.name, splits):
            found.append(Problem(_named(sentence, known) or ("data.store",), sentence))
    if experiment is not None:
        found += _file_problems(experiment, surroundings.functions)
        found += _device_problems(experiment, surroundings)
    return tuple(Problem(each.paths, in_labels(each.sentence)) for each in found)


def _file_problems(experiment: Experiment, known: OwnFunctions | None) -> Iterator[Problem]:
    """Say where there is no file, and what is wrong with the one that is there."""
    task = experiment.task
    if isinstance(task, Regression) and task.functions:
        path = expanded_if_known(task.functions)
        if not is_file(path):
            yield Problem((FILE,), no_functions_at(path))
        elif known is not None and known.file is None:
            yield Problem((FILE,), known.problem)
        elif known is not None and known.file is not None:
            try:
                require_points(task, known.file)
            except BadInput as error:  # it may be about another setting beside the file
                yield Problem((FILE, *_named(str(error), _BESIDE_FILE)), str(error))


def _device_problems(experiment: Experiment, surroundings: Surroundings) -> Iterator[Problem]:
    wanted = experiment.run.device
    names = [device.name for device in surroundings.devices]
    if names and wanted != "auto" and wanted not in names and f"{wanted}:0" not in names:
        yield Problem(
            ("run.device",),
            f'run.device is "{wanted}", which this machine does not have '
            f"({surroundings.device_reason}); use auto or cpu.",
        )


def _paths(path: str, sentence: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the settings that a sentence about a setting, or a section, is about."""
    inside = [name for name in known if name.startswith(path + ".")]
    return (path,) if path in known else _named(sentence, known) or tuple(inside)


def _named(sentence: str, known: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        path for path in known if "." in path and re.search(rf"\b{re.escape(path)}\b", sentence)
    )


def _with_hint(sentence: str, value: object) -> str:
    """Add how a number with a decimal comma is written."""
    if isinstance(value, str) and value.count(",") == 1:
        number = parsed(value.replace(",", "."), integer=False)
        if isinstance(number, float):
            return f"{sentence} Decimals follow a point: {number_text(number)}."
    return sentence
