"""Names that folders and files can have."""

import re

from engine.errors import BadInput


def valid_name(name: str) -> str:
    """Return a name that folders and files can have; raises `ValueError` with the rule."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", name):
        raise ValueError(
            "it must be 1 to 100 letters, digits and the signs . _ + -, beginning with a letter "
            "or a digit, since folders are named after it"
        )
    return name


def name_like(text: str) -> str:
    """Return a name as much like a text as names can be; short enough to have a number added."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", text).strip("-._+")[:90] or "unnamed"


def checked_name(name: str, what: str) -> str:
    """Return a name that folders and files can have; raises `BadInput`, calling it `what`."""
    try:
        return valid_name(name)
    except ValueError as error:
        raise BadInput(f'{what} is "{name}"; {error}.') from None
