"""The plan of an export: what a person asks for, and the files that will be written."""

from dataclasses import dataclass
from pathlib import Path

from engine.learners.catalogue import learner_kind
from leo_studio.services.records import RunEntry


@dataclass(frozen=True, slots=True)
class ModelExport:
    """A request to export a model: which one, in which format, and where to."""

    run: Path
    step: int
    format: str
    out: Path
    split: str = "test"  # of episodes
    episodes: int = 1000

    @property
    def words(self) -> list[str]:
        """The arguments that follow `leo-studio` on the command line."""
        words = ["export", str(self.run), "--checkpoint", str(self.step), "--format", self.format]
        if self.format == "episodes":
            words += ["--split", self.split, "--episodes", str(self.episodes)]
        return [*words, "--out", str(self.out)]


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that an export will write."""

    path: Path
    about: int | None  # bytes, more or less; None where nobody knows before


# Endings, and what a program's file holds beside the weights.
_PROGRAMS = {
    "onnx": (".onnx", {"adapt": 80_000, "predict": 7_000, "adapt_sampled": 150_000}),
    "torch-export": (".pt2", {"adapt": 180_000, "predict": 29_000, "adapt_sampled": 520_000}),
}


def planned(request: ModelExport, run: RunEntry) -> tuple[Planned, ...]:
    """Say which files an export will write, and about how large they will be.

    What is added to the weights was read off exports of models of several sizes.
    """
    out = request.out
    weights = _size(run.path / "checkpoints" / f"step-{request.step:09d}.safetensors")
    metrics = _size(run.path / "train.csv") + _size(run.path / "validation.csv")
    if request.format in _PROGRAMS:
        ending, sizes = _PROGRAMS[request.format]
        return tuple(
            Planned(out / f"{name}{ending}", sizes[name] + (weights if name != "predict" else 0))
            for name in _program_names(run)
        )
    if request.format == "tensorboard":
        columns = () if run.experiment is None else learner_kind(run.experiment).columns
        events = 1300 + 32 * (len(columns) + 1) * run.step
        return (Planned(out / run.name / "events.out.tfevents...", events),)
    about = {
        "bundle": round(0.93 * weights + 0.4 * metrics),
        "safetensors": weights,
        "pytorch": weights + 4_000,
    }
    return (Planned(out, about.get(request.format)),)


def _program_names(run: RunEntry) -> tuple[str, ...]:
    if run.experiment is None:
        return ()
    names = learner_kind(run.experiment).program_names
    return () if names is None else names(run.experiment.learner)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
