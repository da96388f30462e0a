"""Annotations of a run: a note and tags that people write.

They have a file of their own, `notes.json`, so that writing one never meets the training that
replaces `run.json` every few seconds.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.text import read_text
from engine.io.versions import require_known_version

FILE = "notes.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Annotations:
    """A note and tags."""

    note: str = ""
    tags: tuple[str, ...] = ()


def read_annotations(run_folder: Path) -> Annotations:
    """Read what was written beside a run; nothing where no file is, or one that is no JSON."""
    try:
        content = json.loads(read_text(run_folder / FILE))
        tags = tuple(str(tag) for tag in content.get("tags", ()))
        return Annotations(str(content.get("note", "")), tags)
    except (OSError, ValueError, AttributeError, TypeError):
        return Annotations()


def write_annotations(run_folder: Path, annotations: Annotations) -> None:
    """Replace what is written beside a run, in one move; tags are sorted, each once.

    Raises
    ------
    BadInput
        If the run is gone, or its folder cannot be written to.
    """
    if not run_folder.is_dir():
        raise BadInput(f"{run_folder} is gone; it was removed, moved or renamed meanwhile.")
    with suppress(OSError, ValueError, RecursionError):
        # What a later version wrote is not replaced by what this one knows of it.
        require_known_version(json.loads(read_text(run_folder / FILE)), run_folder / FILE, SCHEMA)
    tags = sorted({tag.strip() for tag in annotations.tags} - {""})
    content = asdict(annotations) | {"tags": tags}
    write_text(run_folder / FILE, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
