"""Earlier layouts of an experiment's file, read as today's; and paths of settings that moved.

Schema 2 has `learner: {kind: leo, ...}` where schema 1 had `leo: {...}`.
"""

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from engine.errors import BadInput

SCHEMA = 2
_MOVED = {"leo": "learner"}  # sections of schema 1 by today's


def upgraded(values: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return plain containers of any layout that was ever written, in today's layout.

    What says no schema may be of either. Wrong values stay as they are.

    Parameters
    ----------
    values
        As a file has them.
    source
        What messages call the place where they come from.

    Raises
    ------
    BadInput
        If `leo` stands where `learner` does, or should.
    """
    found = dict(values)
    schema = found.get("schema", 1)
    if type(schema) is not int or schema not in (1, SCHEMA):
        return found
    found["schema"] = SCHEMA
    if "leo" not in found:
        return found
    if schema == SCHEMA:
        raise BadInput(f"{source}: leo is learner since schema 2; write learner: {{kind: leo}}.")
    if "learner" in found:
        raise BadInput(f"{source} has both leo and learner, which are the same; remove leo.")
    leo = found.pop("leo")
    found["learner"] = {"kind": "leo", **leo} if isinstance(leo, dict) else leo
    return found


def current_path(path: str) -> str:
    """Return what a setting is called today; says once on standard error what it was called."""
    section, dot, rest = path.partition(".")
    if section not in _MOVED or not dot:
        return path
    today = f"{_MOVED[section]}.{rest}"
    _say(f"{path} is {today} since schema {SCHEMA}; use that.")
    return today


@cache
def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
