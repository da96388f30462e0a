"""The export of the classifier that "Try it" shows, by the command line in a process of its own.

Tracing it takes seconds of a core and cannot be interrupted, as other exports (see
`leo_studio.services.exports`): what is shown goes to that process as a file.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from engine.export.formats import Check
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.services.background import Task
from leo_studio.services.command_output import command_output


@dataclass(frozen=True, slots=True, eq=False)
class ShownClassifier:
    """A run, and what a person has shown it.

    Attributes
    ----------
    run, step
        Whose weights.
    names
        Of the classes.
    support
        Raw embeddings of each class's examples, (K_n, D).
    pictures
        Those on which the file is compared with the engine, (h, w, 3) each.
    threshold
        The one that was set by hand; None for the calibrated one.
    """

    run: Path
    step: int
    names: Sequence[str]
    support: Sequence[NDArray[np.float32]]
    pictures: Sequence[NDArray[np.uint8]]
    threshold: float | None


def write_shown(path: Path, shown: ShownClassifier) -> None:
    """Write what a person has shown, for `read_shown`."""
    facts = {
        "run": str(shown.run),
        "step": shown.step,
        "names": list(shown.names),
        "pictures": len(shown.pictures),
        "threshold": shown.threshold,
    }
    arrays: dict[str, NDArray[np.generic]] = {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8)
    }
    arrays |= {f"support_{place}": each for place, each in enumerate(shown.support)}
    arrays |= {f"picture_{place}": each for place, each in enumerate(shown.pictures)}
    np.savez(path, allow_pickle=False, **arrays)


def read_shown(path: Path) -> ShownClassifier:
    """Read what `write_shown` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        facts = json.loads(arrays["facts"].tobytes())
        return ShownClassifier(
            Path(facts["run"]),
            facts["step"],
            facts["names"],
            [arrays[f"support_{place}"] for place in range(len(facts["names"]))],
            [arrays[f"picture_{place}"] for place in range(facts["pictures"])],
            facts["threshold"],
        )


def export_shown(library: Library, shown_file: Path, out: Path) -> Check:
    """Export what a person has shown, in this process; see `save_classifier` for what it raises."""
    from engine.classifying.classifier import Classifier
    from engine.classifying.loaded_learner import loaded_learner
    from engine.export.classifier_onnx import save_classifier
    from engine.images.embedder import Embedder
    from engine.runs.run_store import store_of

    shown = read_shown(shown_file)
    run = Run(shown.run)
    learner = loaded_learner(run, shown.step)
    embedder = Embedder.of(store_of(library, run), learner.device)
    classifier = Classifier(learner, shown.names, shown.support)
    return save_classifier(out, classifier, embedder, shown.pictures, shown.threshold)


def export_elsewhere(library: Library, shown: ShownClassifier, out: Path, task: Task) -> Check:
    """Export what a person has shown in another process; see `command_output` for the errors."""
    with TemporaryDirectory(prefix="leo-studio-") as folder:
        file = Path(folder) / "shown.npz"
        write_shown(file, shown)
        words = ["export-shown", str(file), str(out)]
        answer = json.loads(command_output(library.root, words, task, "tracing and checking"))
    return Check(**answer)
