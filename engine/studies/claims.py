"""Claims: who of several workers carries something out, on any machine that sees the folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from engine.io.locks import holding


@contextmanager
def claimed(claim: Path, timeout: float = 0.0) -> Iterator[bool]:
    """Claim something inside the block; yields whether nobody else has it.

    The claim goes when its process goes. Where the file system refuses locks, two may begin the
    same; one of their runs counts.

    Parameters
    ----------
    claim
        The lock's file, which is made, and its folder too.
    timeout
        How many seconds to wait for whoever has it.
    """
    claim.parent.mkdir(parents=True, exist_ok=True)
    try:
        with holding(claim, timeout=timeout):
            yield True
    except filelock.Timeout:
        yield False
