"""What a newcomer waits for: the command's own help, the window, and the built-in glyphs.

python benchmarks/first_minutes.py

Seconds are of a core's time, which others on the machine disturb less than the clock; each is the
median of some tries, with the fastest one behind it. They are compared with what takes the same
libraries alone, measured in turns.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.window import IMPORTS, START
from engine.data.glyphs import write_glyphs

COMMAND_TRIES, WINDOW_TRIES, GLYPHS_TRIES = 10, 5, 5
TOLD = 'print("usable", flush=True)'
TELL = 'import time; print("usable", time.process_time(), flush=True)'


class Taken(NamedTuple):
    """Seconds of several tries."""

    seconds: list[float]

    @property
    def median(self) -> float:
        """The median."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return f"{self.median:.2f} s ({min(self.seconds):.2f})"


def children_seconds() -> float:
    """Return a core's time that ended processes took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def process_seconds(*arguments: str, home: str) -> tuple[float, str]:
    """Return a core's time that a Python process took, and what it printed."""
    before = children_seconds()
    # Modules are compiled once, as by whoever has not asked Python to leave that out.
    environment = os.environ | {"LEO_STUDIO_HOME": home, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, *arguments]
    printed = subprocess.check_output(command, env=environment, text=True)
    return children_seconds() - before, printed


def measure_commands() -> None:
    """Time what is said without torch, in turns with the import of numpy."""
    ways = {
        "leo-studio --help": ("-m", "leo_studio", "--help"),
        "leo-studio presets list": ("-m", "leo_studio", "presets", "list"),
        "import numpy": ("-c", "import numpy"),
    }
    taken = {name: Taken([]) for name in ways}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(COMMAND_TRIES):
            for name, way in ways.items():
                taken[name].seconds.append(process_seconds(*way, home=home)[0])
    for name, each in taken.items():
        print(f"{name}: {each}")


def measure_window() -> None:
    """Time the way to a usable window, in turns with the bare imports."""
    window, imports = Taken([]), Taken([])
    for attempt in range(WINDOW_TRIES + 1):
        with tempfile.TemporaryDirectory() as home:
            _, printed = process_seconds("-c", START.replace(TOLD, TELL), home=home)
            if attempt == 0:
                continue  # that one compiled them
            window.seconds.append(float(printed.split()[1]))
            imports.seconds.append(process_seconds("-c", IMPORTS, home=home)[0])
    ratios = [one / other for one, other in zip(window.seconds, imports.seconds, strict=True)]
    print(
        f"usable window: {window}; `{IMPORTS}`: {imports}; "
        f"{statistics.median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def measure_glyphs() -> None:
    """Time the drawing of the built-in store."""
    taken = Taken([])
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(GLYPHS_TRIES):
            began = time.process_time()
            write_glyphs(Path(folder) / "glyphs.h5")
            taken.seconds.append(time.process_time() - began)
    print(f"glyphs drawn and written: {taken}")


def main() -> None:
    measure_commands()
    measure_window()
    measure_glyphs()


if __name__ == "__main__":
    main()
