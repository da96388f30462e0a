"""The plan of an export: what a person asks for, and the files that will be written."""

from dataclasses import dataclass
from pathlib import Path

from engine.config import Leo
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


def planned(request: ModelExport, run: RunEntry) -> tuple[Planned, ...]:
    """Say which files an export will write, and about how large they will be.

    What is added to the weights was read off exports of models of several sizes.
    """
    out = request.out
    weights = _size(run.path / "checkpoints" / f"step-{request.step:09d}.safetensors")
    metrics = _size(run.path / "train.csv") + _size(run.path / "validation.csv")
    if request.format in ("onnx", "torch-export"):
        is_onnx = request.format == "onnx"
        ending = ".onnx" if is_onnx else ".pt2"
        found = [
            Planned(out / f"adapt{ending}", weights + (80_000 if is_onnx else 180_000)),
            Planned(out / f"predict{ending}", 7_000 if is_onnx else 29_000),
        ]
        learner = run.experiment.learner if run.experiment is not None else None
        if not isinstance(learner, Leo) or learner.variant != "deterministic":
            more = 150_000 if is_onnx else 520_000
            found.append(Planned(out / f"adapt_sampled{ending}", weights + more))
        return tuple(found)
    if request.format == "tensorboard":
        return (Planned(out / run.name / "events.out.tfevents...", 350 * run.step),)
    about = {
        "bundle": round(0.93 * weights + 0.4 * metrics),
        "safetensors": weights,
        "pytorch": weights + 4_000,
    }
    return (Planned(out, about.get(request.format)),)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
