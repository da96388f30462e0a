"""The file that a report goes to; without torch, so that a mistake in its name is told at once."""

from pathlib import Path

from engine.errors import BadInput

ENDINGS = (".html", ".htm")


def require_page(out: Path) -> None:
    """Raise `BadInput`, before anything is computed, where no page can be written."""
    if out.suffix.lower() not in ENDINGS:
        raise BadInput(f"--out is {out}; its name must end with {' or '.join(ENDINGS)}.")
    if out.is_dir():
        raise BadInput(f"--out is {out}, which is a folder; give a file.")
    if not out.absolute().parent.is_dir():
        raise BadInput(f"--out is {out}; there is no folder {out.absolute().parent}: make it.")
