"""Memory that threads have freed is given back when that is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.devices import selection

THREADS_THAT_FREE = """
import sys, threading
from pathlib import Path
import numpy as np
from benchmarks.synthetic import held_memory
from engine.devices.selection import give_back_freed_memory, keep_freed_memory
from engine.runs.library import Library
from engine.session.session import Session

def work():
    held = [np.ones(2**20) for _ in range(4)]
    at_once.wait()  # so that each of the threads holds as much
    del held

if len(sys.argv) > 1:
    Session(Library(Path(sys.argv[1])))
else:
    keep_freed_memory()
at_once = threading.Barrier(4)
before = held_memory()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
kept = held_memory() - before
give_back_freed_memory()
print(kept // 2**20, (held_memory() - before) // 2**20)
"""


@pytest.mark.skipif(selection._glibc() is None, reason="other libraries keep no arenas")
@pytest.mark.parametrize("is_session", [False, True])
def test_what_threads_have_freed_is_kept_and_then_given_back(
    tmp_path: Path, is_session: bool
) -> None:
    """Also where nobody has trained yet, but the window has its session."""
    folders = [str(tmp_path)] if is_session else []
    command = [sys.executable, "-c", THREADS_THAT_FREE, *folders]
    printed = subprocess.check_output(command, text=True)
    kept, left = map(int, printed.split())
    assert kept > 96 and left < 16
