"""The plan of an export: what a person asks for, and the files that will be written."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BadInput
from engine.export.formats import FORMATS, Format, require_target
from engine.io.paths import expanded, expanded_if_known
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


_LONGEST_STEM = 60  # letters; of some alphabets each is four bytes, and a name has 255
# What a program's file holds beside the weights.
_PROGRAMS = {
    "onnx": {"adapt": 80_000, "predict": 7_000, "adapt_sampled": 150_000},
    "torch-export": {"adapt": 180_000, "predict": 29_000, "adapt_sampled": 520_000},
}


def format_named(text: str, possible: Collection[str], now: str) -> str:
    """Return the format that a typed name chooses by its ending.

    Parameters
    ----------
    text
        What was typed.
    possible
        Names of the formats that there are.
    now
        The one that is chosen: it stays where the ending fits it, or is no format's.
    """
    ending = Path(text).suffix
    fitting = [name for name in possible if ending in FORMATS[name].known_by]
    return now if now in fitting or not fitting else fitting[0]


def target_of(text: str, chosen: Format) -> Path:
    """Return the file or folder that a typed name means, as it was typed where no home is known.

    A format of several files takes a folder: `model.onnx` means the folder `model`.
    """
    path = expanded_if_known(text.strip())
    is_inside = bool(chosen.inside) and path.suffix == chosen.inside
    return path.with_suffix("") if is_inside else path


def renamed(text: str, old: Format, new: Format) -> str:
    """Return a typed name with the ending of another format."""
    path = Path(text)
    stem = path.stem if path.suffix in old.known_by else path.name.removesuffix(f"-{old.name}")
    return str(path.with_name(f"{stem}{ending_of(new)}"))


def ending_of(chosen: Format) -> str:
    """Return the ending of a format's file, or of its folder."""
    return chosen.endings[0] if chosen.endings else f"-{chosen.name}"


def file_stem(title: str, otherwise: str = "model") -> str:
    """Return a file's name, without its ending, for what people call a run or what they keep.

    Of letters, digits and hyphens alone, which every system and every command line takes; of a
    title without any, it is what is said instead.
    """
    return re.sub(r"\W+", "-", title)[:_LONGEST_STEM].strip("-") or otherwise


def points_stem(note: str, number: int | None) -> str:
    """Return the name of a file of points, without its ending, for their note, or their task."""
    task = "" if number is None else f"-{number}"
    return file_stem(note.strip().partition("\n")[0], f"task{task}")


def purpose_of(chosen: Format, request: ModelExport | None) -> str:
    """Say what a format is for, and where several files go."""
    if chosen.endings or request is None:
        return chosen.purpose
    return f'{chosen.purpose} Its files go into the folder "{request.out.name}".'


def mistake_in(request: ModelExport) -> str:
    """Say why nothing can be written where it is asked for; "" where it can."""
    try:
        require_target(expanded(request.out), request.format)
    except BadInput as error:
        return str(error)
    except OSError as error:
        return f"{request.out}: {error.strerror or error}; choose another place."
    return ""


def planned(request: ModelExport, run: RunEntry) -> tuple[Planned, ...]:
    """Say which files an export will write, and about how large they will be.

    What is added to the weights was read off exports of models of several sizes.
    """
    out = request.out
    weights = _size(run.path / "checkpoints" / f"step-{request.step:09d}.safetensors")
    metrics = _size(run.path / "train.csv") + _size(run.path / "validation.csv")
    if request.format in _PROGRAMS:
        ending, sizes = FORMATS[request.format].inside, _PROGRAMS[request.format]
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
