"""What a file of functions of one's own holds, in words, before anything is trained on it."""

from dataclasses import dataclass
from pathlib import Path

from engine.data.function_file import FunctionFile, require_small_numbers
from engine.errors import BadInput
from engine.io.paths import expanded


@dataclass(frozen=True, slots=True)
class OwnFunctions:
    """A file of functions that was read; None with a sentence that says what is wrong with it."""

    file: FunctionFile | None = None
    problem: str = ""

    @property
    def words(self) -> str:
        """What is in the file; "" where it cannot be read."""
        return "" if self.file is None else _words(self.file)


def look_into(path: str) -> OwnFunctions:
    """Read a file of functions."""
    try:
        file = FunctionFile(expanded(path))
        require_small_numbers(file)
    except BadInput as error:
        return OwnFunctions(problem=str(error))
    return OwnFunctions(file)


def _words(file: FunctionFile) -> str:
    sizes = file.sizes
    tasks = sum(each["tasks"] for each in sizes.values())
    points = sum(each["points"] for each in sizes.values())
    splits = ", ".join(f"{each['tasks']:,} {name}" for name, each in sizes.items())
    low_x, high_x, low_y, high_y = _ranges(file)
    return (
        f"{tasks:,} functions ({splits}) of {points:,} points; x from {low_x:.4g} to {high_x:.4g}, "
        f"y from {low_y:.4g} to {high_y:.4g}."
    )


def stamp(path: str) -> tuple[int, int] | None:
    """Return what another content of a file changes, its time and size; None where it is none."""
    try:
        found = Path(expanded(path)).stat()
    except (OSError, ValueError, BadInput):
        return None
    return found.st_mtime_ns, found.st_size


def _ranges(file: FunctionFile) -> tuple[float, float, float, float]:
    xs = [split.x for split in file.splits.values()]
    ys = [split.y for split in file.splits.values()]
    return (
        min(float(x.min()) for x in xs),
        max(float(x.max()) for x in xs),
        min(float(y.min()) for y in ys),
        max(float(y.max()) for y in ys),
    )
