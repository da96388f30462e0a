"""Every format that a trained model leaves the studio in, and what was written and checked."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.export.bundle import save_bundle
from engine.export.checks import Check
from engine.export.episodes import ENDINGS, save_episodes
from engine.export.onnx_models import require_onnx, save_onnx
from engine.export.programs import programs_of
from engine.export.tensorboard import save_events
from engine.export.torch_programs import save_torch_program
from engine.export.trained import Trained
from engine.export.weights import save_pytorch, save_safetensors

FormatName = Literal[
    "bundle", "safetensors", "pytorch", "onnx", "torch-export", "episodes", "tensorboard"
]


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes
    ----------
    name
        What the command line calls it.
    title
        What people call it.
    purpose
        What it is for, in a sentence.
    endings
        Of its file; none where it is a folder with several files.
    """

    name: FormatName
    title: str
    purpose: str
    endings: tuple[str, ...] = ()


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("bundle", "Checkpoint bundle", "Everything in one file, to be imported.", (".leo",)),
        Format("safetensors", "safetensors", "The weights alone.", (".safetensors",)),
        Format("pytorch", "PyTorch", "The weights for torch.load, without code.", (".pt",)),
        Format("onnx", "ONNX models", "The whole adaptation, for any language."),
        Format("torch-export", "torch.export programs", "The whole adaptation, for PyTorch."),
        Format("episodes", "Episodes", "Episodes as arrays, to check others by.", ENDINGS),
        Format("tensorboard", "TensorBoard", "All metrics and settings, for its own window."),
    )
}


@dataclass(frozen=True, slots=True)
class EpisodesAsked:
    """Which episodes are written."""

    store: EmbeddingStore
    split: str
    count: int


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written."""

    path: Path
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an export wrote, and what was found when it was checked."""

    files: tuple[WrittenFile, ...]
    checks: tuple[Check, ...] = ()
    accuracy: float | None = None  # of the engine on the episodes that were written


def require_target(out: Path, format_name: str) -> Format:
    """Return the format of that name, if `out` can be one of its files or folders.

    Raises
    ------
    BadInput
        If there is no such format, or the name has another ending, or is that of something else.
    """
    if format_name not in FORMATS:
        raise BadInput(f'--format is "{format_name}"; choose one of {", ".join(FORMATS)}.')
    chosen = FORMATS[format_name]
    if chosen.endings and out.suffix not in chosen.endings:
        raise BadInput(f"{out.name} must end with {' or '.join(chosen.endings)}; rename it.")
    if chosen.endings and out.is_dir():
        raise BadInput(f"{out} is a folder; give the name of a file.")
    if not chosen.endings and out.exists() and not out.is_dir():
        raise BadInput(f"{out} is a file; give a folder for {chosen.title}.")
    return chosen


def export(
    trained: Trained,
    format_name: str,
    out: Path,
    progress: Callable[[float, str], None],
    episodes: EpisodesAsked | None = None,
) -> Outcome:
    """Write what a run has learned in a format, and check it.

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
        If the target does not fit the format, an extra is missing, or a check fails.
    """
    chosen = require_target(out, format_name)
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
    """Say what is in a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WrittenFile(path, path.stat().st_size, digest)


def _programs(
    trained: Trained, name: str, folder: Path, progress: Callable[[float, str], None]
) -> Iterator[Check]:
    if name == "onnx":
        require_onnx()
    save, ending = (save_onnx, ".onnx") if name == "onnx" else (save_torch_program, ".pt2")
    programs = programs_of(trained.model, is_normalized=trained.is_normalized)
    facts = trained.facts()
    for place, program in enumerate(programs):
        path = folder / f"{program.name}{ending}"
        progress(place / len(programs), f"Writing and checking {path.name}")
        yield save(path, program, trained.model, trained.is_normalized, facts)
