"""Names that people give to what they keep: the first line of a note."""

_NAME_LETTERS = 60


def kept_name(note: str, otherwise: str) -> str:
    """Return the name that a person gave: the first line of the note; else what is said instead."""
    lines = note.strip().splitlines()
    if not lines:
        return otherwise
    return lines[0] if len(lines[0]) <= _NAME_LETTERS else f"{lines[0][: _NAME_LETTERS - 1]}…"


def rest_of_note(note: str) -> str:
    """Return what a note says beside its name; all of it where the name is only a part."""
    text = note.strip()
    return text.removeprefix(kept_name(text, "")).strip() if text else ""
