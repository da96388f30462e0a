"""Export of a trained model in any format, with a check of what was written."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.config import leo_settings
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.export.bundle import save_bundle
from engine.export.episodes import save_episodes
from engine.export.formats import (
    FORMATS,
    Check,
    Outcome,
    WrittenFile,
    require_format,
    require_target,
)
from engine.export.onnx_models import require_onnx, save_onnx
from engine.export.programs import programs_of
from engine.export.tensorboard import save_events
from engine.export.torch_programs import save_torch_program
from engine.export.trained import Trained
from engine.export.weights import save_pytorch, save_safetensors
from engine.learners.leo.variants import model_of


@dataclass(frozen=True, slots=True)
class EpisodesToExport:
    """The episodes to export: a store, a split and their number."""

    store: EmbeddingStore
    split: str
    count: int


def export(
    trained: Trained,
    format_name: str,
    out: Path,
    progress: Callable[[float, str], None],
    episodes: EpisodesToExport | None = None,
) -> Outcome:
    """Write a trained model in a format, and check it.

    Parameters
    ----------
    trained
        The weights.
    format_name
        One of `FORMATS`.
    out
        A file or, for ONNX, torch.export and TensorBoard, a folder, which is made.
    progress
        Called with the fraction done and what is done; what it raises ends the export.
    episodes
        For the format of that name.

    Raises
    ------
    BadInput
        If the target or the learner does not fit the format, an extra is missing, or a check fails.
    """
    chosen = require_target(out, format_name)
    require_format(trained.experiment, trained.run.name, format_name)
    progress(0.0, f"Writing {out.name}")
    if chosen.name in ("onnx", "torch-export"):
        checks = tuple(_programs(trained, chosen.name, out, progress))
        return Outcome(tuple(written_file(out / check.name) for check in checks), checks)
    if chosen.name == "tensorboard":
        written = save_events(trained.run, out, lambda done: progress(done, "Writing events"))
        return Outcome((written_file(written),))
    accuracy = None
    if chosen.name == "bundle":
        save_bundle(out, trained)
    elif chosen.name == "safetensors":
        save_safetensors(out, trained)
    elif chosen.name == "pytorch":
        save_pytorch(out, trained)
    else:
        if episodes is None:
            raise BadInput("Episodes need a store and a split; say which.")
        store, split, count = episodes.store, episodes.split, episodes.count
        accuracy = save_episodes(
            out, trained, store, split, count, lambda done: progress(done, "Evaluating")
        )
    return Outcome((written_file(out),), accuracy=accuracy)


def written_file(path: Path) -> WrittenFile:
    """Return the record of a written file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WrittenFile(path, path.stat().st_size, digest)


def _programs(
    trained: Trained, name: str, folder: Path, progress: Callable[[float, str], None]
) -> Iterator[Check]:
    if name == "onnx":
        require_onnx()
    save = save_onnx if name == "onnx" else save_torch_program
    # LEO's: the one learner that has programs.
    model = model_of(leo_settings(trained.experiment), trained.weights)
    programs = programs_of(model, trained.features)
    facts = trained.facts()
    for place, program in enumerate(programs):
        path = folder / f"{program.name}{FORMATS[name].inside}"

        def tell(share: float, what: str, path: Path = path, place: int = place) -> None:
            progress((place + share) / len(programs), f"{what} {path.name}")

        yield save(path, program, model, trained.features, facts, tell)
