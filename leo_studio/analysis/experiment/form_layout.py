"""Layout of the form: groups of settings, and the places where long words may break."""

import re
from functools import cache
from typing import Final, NamedTuple

from engine.config import DEFAULT_KINDS, Kinds, declarations, setting_titles, used_settings


class Group(NamedTuple):
    """A section of the form."""

    title: str
    paths: tuple[str, ...]
    rare: tuple[str, ...] = ()  # behind "More"
    is_collapsed: bool = False


_LONG: Final = 16  # letters of a word that may have to be broken
_COLLAPSED: Final = ("Evaluation",)  # each evaluation is asked for by itself, in its own panel


@cache
def groups(kinds: Kinds = DEFAULT_KINDS) -> tuple[Group, ...]:
    """Return the sections of the form for experiments of some kinds, as settings are declared.

    Those that stand in no section of the experiment begin the section that shares their title.
    """
    paths: dict[str, list[str]] = {}
    used = dict(used_settings(kinds))
    titles = setting_titles(kinds)
    for path, title in sorted(titles, key=lambda each: "." not in each[0]):
        if path in used:
            paths.setdefault(title, []).append(path)
    return tuple(_group(title, inside, kinds) for title, inside in paths.items())


def _group(title: str, paths: list[str], kinds: Kinds) -> Group:
    every = declarations(kinds)
    shown = [path for path in paths if every[path].role != "layout"]
    shown.sort(key=lambda path: "." in path)
    return Group(
        title,
        tuple(path for path in shown if not every[path].is_rare),
        tuple(path for path in shown if every[path].is_rare),
        title in _COLLAPSED,
    )


def breakable(text: str) -> str:
    """Let long words, such as a path, be broken over lines where they must be."""
    return " ".join(_breakable(word) if len(word) > _LONG else word for word in text.split(" "))


def _breakable(word: str) -> str:
    after_signs = re.sub(r"([/\\_.-])", "\\1\u200b", word)
    return re.sub(rf"([^\W_]{{{_LONG}}})(?=[^\W_])", "\\1\u200b", after_signs)
