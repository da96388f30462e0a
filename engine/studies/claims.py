"""Claims: who of several workers carries something out, on any machine that sees the folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from engine.io.locks import holding


@contextmanager
def claimed(claims: Path, name: str, timeout: float = 0.0) -> Iterator[bool]:
    """Claim something inside the block; yields whether nobody else has it.

    The claim goes when its process goes. Where the file system refuses locks, two may begin the
    same; one of their runs counts.

    Parameters
    ----------
    claims
        The folder of the locks, which is made.
    name
        What is claimed.
    timeout
        How many seconds to wait for whoever has it.
    """
    claims.mkdir(parents=True, exist_ok=True)
    try:
        with holding(claims / f"{name}.lock", timeout=timeout):
            yield True
    except filelock.Timeout:
        yield False
