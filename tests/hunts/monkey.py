"""Monkey of the window: thousands of random but legal actions while runs are trained.

```
python -m tests.hunts.monkey [--actions 20000] [--runs 20] [--seed 0]
python -m tests.hunts.monkey --seed 7 --until 312      plays session 7 again, up to an action
```

It plays with the real window on a real library in a temporary folder: menus, buttons, fields,
lists, plots, keys, drops, docks, dialogs; it trains, evaluates, exports, deletes and takes back,
closes the window and opens it again. It asserts: nothing raised and no warning, an event loop that
answers, nothing left behind by a closed window, nothing that grows without end, and no run lost.

Each session is a process and has a seed; each action follows from the seed, its number and what is
possible then. Training goes on meanwhile at its own pace, so that a session that is played again is
very like the first, not the same to the millisecond. Exit status 1 where there is a finding.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from ast import literal_eval
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    pass

_LINES_TOLD = 40  # of the actions before a finding
_SILENCE = 240.0  # seconds without a word of a session
_MORE_MEMORY = 6 * 2**30  # bytes that a session may take beyond its start


class Played(NamedTuple):
    """What came of a session."""

    actions: int
    windows: int  # that were opened
    runs: int  # that were there at some time
    findings: list[str]
    remarks: list[str]


def play(root: Path, seed: int, actions: int, say: Callable[[str], None]) -> Played:
    """Play one session in this process; the application is there, or is made.

    Parameters
    ----------
    root
        An empty folder.
    seed
        What every choice follows from.
    actions
        How many.
    say
        Called with a line before each action, and with each finding.
    """
    from tests.hunts.monkey_session import Session
    from tests.hunts.monkey_world import World

    world: World = World(root)
    session = Session(world, seed, actions, say)
    session.play()
    return Played(
        session.done, session.windows, world.count_runs(), session.findings, session.remarks()
    )


def _work(seed: int, actions: int) -> None:
    """Play a session for the process that started this one: a line for all that happens."""
    size = resource.getrlimit(resource.RLIMIT_AS)[1]
    now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = now * os.sysconf("SC_PAGE_SIZE") + _MORE_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, size))

    def say(line: str) -> None:
        print(f"say {line!r}", flush=True)

    with tempfile.TemporaryDirectory(prefix="leo-monkey-") as folder:
        root = Path(folder).resolve()
        os.environ |= {"HOME": str(root), "LEO_STUDIO_HOME": str(root / "library")}
        played = play(root, seed, actions, say)
        os.chdir("/")
    print(f"end {tuple(played)!r}", flush=True)


class Worker:
    """A process that plays a session.

    Parameters
    ----------
    seed, actions
        Of the session.
    is_told
        Whether every action is printed.
    """

    def __init__(self, seed: int, actions: int, *, is_told: bool) -> None:
        self.seed = seed
        self._is_told = is_told
        self._last: deque[str] = deque(maxlen=_LINES_TOLD)
        self._heard = time.monotonic()
        command = [sys.executable, "-X", "faulthandler", "-m", "tests.hunts.monkey", "--work"]
        command += ["--seed", str(seed), "--actions", str(actions)]
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "OMP_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )

    def played(self) -> Played:
        """Wait for the end of the session, and return what came of it."""
        threading.Thread(target=self._end_if_silent, daemon=True).start()
        assert self._process.stdout is not None
        played, others = None, deque[str](maxlen=200)
        for line in self._process.stdout:
            self._heard = time.monotonic()
            kind, _, rest = line.rstrip("\n").partition(" ")
            if kind == "say":
                self._hear(str(literal_eval(rest)))
            elif kind == "end":
                played = Played(*literal_eval(rest))
            else:
                others.append(line)
        status = self._process.wait()
        if played is not None and status == 0:
            return played
        finding = f"the process ended with {status}\n{''.join(others)}"
        self._hear(f"FINDING {finding}")
        return Played(0, 0, 0, [finding], [])

    def _hear(self, line: str) -> None:
        if line.startswith("FINDING"):
            if not self._is_told:
                print("\n".join(self._last), file=sys.stderr)
                self._last.clear()
            print(f"seed {self.seed}: {line}", file=sys.stderr, flush=True)
        elif self._is_told:
            print(line, flush=True)
        else:
            self._last.append(line)

    def _end_if_silent(self) -> None:
        while self._process.poll() is None:
            if time.monotonic() - self._heard > _SILENCE:
                self._process.kill()
            time.sleep(1)


def main() -> None:
    """Play sessions one after the other, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=20_000, help="Over all sessions.")
    parser.add_argument("--runs", type=int, default=20, help="How many sessions.")
    parser.add_argument("--seed", type=int, default=0, help="Of the first session.")
    parser.add_argument("--until", type=int, help="Play one session up to this action, and tell.")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        _work(given.seed, given.actions)
        return
    runs = 1 if given.until is not None else given.runs
    actions = -(-given.actions // runs) if given.until is None else given.until
    begin, total, found = time.monotonic(), 0, 0
    for seed in range(given.seed, given.seed + runs):
        played = Worker(seed, actions, is_told=given.until is not None).played()
        total, found = total + played.actions, found + len(played.findings)
        print(
            f"seed {seed}: {played.actions:,} actions, {played.windows} windows, "
            f"{played.runs} runs, {len(played.findings)} findings",
            *played.remarks,
            sep="\n    ",
            flush=True,
        )
    minutes = (time.monotonic() - begin) / 60
    print(f"{total:,} actions in {runs} sessions, {minutes:.0f} minutes: {found} findings")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
