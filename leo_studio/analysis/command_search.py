"""Search over commands: by letters of their names, by words of their sentences, and by synonyms."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from leo_studio.analysis.fuzzy import FuzzyMatch, fuzzy_match, starts_word

_SYNONYMS = (
    ("open", "load", "import", "read", "get"),
    ("save", "write", "export", "keep", "store"),
    ("quit", "exit", "close", "leave"),
    ("trash", "delete", "remove", "erase", "discard"),
    ("search", "find", "filter", "look"),
    ("guide", "help", "manual", "documentation", "docs", "glossary"),
    ("stop", "end", "abort", "cancel", "kill"),
    ("pause", "hold", "wait", "continue", "resume"),
    ("train", "start", "run", "fit", "learn"),
    ("preferences", "settings", "options", "configuration"),
    ("evaluate", "evaluation", "test", "measure", "score", "accuracy"),
    ("compare", "comparison", "difference", "versus", "diff"),
    ("detach", "float", "undock", "window"),
    ("theme", "colours", "colors", "mode", "appearance"),
    ("text", "font", "zoom", "size"),
    ("shortcuts", "keys", "keyboard", "hotkeys"),
    ("curves", "plot", "chart", "graph", "figure"),
    ("copy", "clipboard"),
    ("log", "errors", "traceback"),
    ("model", "checkpoint", "weights", "onnx", "pytorch", "safetensors", "bundle"),
    ("undo", "back", "revert"),
    ("data", "dataset", "pictures", "images", "photos", "photographs"),
    ("tuning", "tune", "finetune", "finetuning"),
)
"""Words that people say for one another; each finds what another one of its row names."""

_ALSO_CALLED = {
    "Larger text": "bigger increase enlarge magnify zoom in font scale",
    "Smaller text": "decrease shrink reduce zoom out font scale",
    "Normal text size": "reset default original actual zoom font scale 100% 100",
    "Dark theme": "night black dim mode",
    "Light theme": "day white bright mode",
    "Show everything": "fit zoom reset whole view autoscale home",
    "Show all codes": "fit zoom reset whole view autoscale home everything",
    "Full screen": "fullscreen maximise maximize",
    "Preferences": "font",
}
"""Words that people say for one command alone, by what it is called after its menu's name."""

_ASKED_ALONE = {"size"}  # finds what its row names, but a title with it may be of other things
_NO_NOUNS = {"leave"}  # "leaves" are on trees, and not on the way out
_NEAR = 6.0  # for each letter: below it, letters are scattered over a title by chance
_WHOLE = 9.0  # for each letter of a whole word of a sentence or a synonym
_EXACT = 4.0  # on top, for a whole word of what is done, after the menu's name
_ALL_OF_IT = 8.0  # on top, where that one word is all of it
_LETTER = 5.0  # of a word that a sentence or a synonym has: between near and scattered letters


@dataclass(frozen=True, slots=True)
class CommandMatch:
    """How well a command fits, and which characters of its title were asked for."""

    score: float
    positions: tuple[int, ...]


def words_of(title: str, sentence: str) -> frozenset[str]:
    """Return the words that a command is found by beside letters of its title."""
    own = _words(title)
    telling = own - _ASKED_ALONE
    meant = {word for row in _SYNONYMS if telling & set(row) for word in row}
    plurals = {f"{word}s" for word in (own | meant) - _NO_NOUNS}
    return frozenset(own | _words(sentence) | meant | plurals)


def names_subject(wanted: str, subject: str) -> bool:
    """Say whether all that is asked for are words of a name, such as that of a panel."""
    asked, own = wanted.casefold().split(), _words(subject)
    return bool(asked) and all(word in own for word in asked)


def match_command(wanted: str, title: str, words: Iterable[str]) -> CommandMatch | None:
    """Match each word of a text with letters of a title, or with the beginning of a word.

    Returns
    -------
    CommandMatch or None
        None where some word fits neither. No words match with score 0.
    """
    score, positions, known = 0.0, set[int](), tuple(words)
    called = _ALSO_CALLED.get(_done(title), "").split()
    for word in wanted.split():
        by_title = fuzzy_match(word, title)
        told = max(_told(word, known), _told(word, called))
        if word.casefold() in called:
            told += _EXACT + _ALL_OF_IT
        is_near = by_title is not None and _is_near(word, title, by_title)
        if by_title is not None and is_near and by_title.score >= told:
            positions.update(by_title.positions)
            score += by_title.score + _exactness(word, title)
        elif told:
            score += told
        else:
            return None
    return CommandMatch(score, tuple(sorted(positions)))


def _told(word: str, known: Iterable[str]) -> float:
    """Return how well a word fits words that a command is found by beside its title; 0 for none."""
    folded = word.casefold()
    if folded in known:
        return _WHOLE * len(word)  # said in whole, it is meant
    return _LETTER * len(word) if any(each.startswith(folded) for each in known) else 0.0


def _is_near(word: str, title: str, match: FuzzyMatch) -> bool:
    """Say whether letters were meant: side by side, at the starts of words, or of one word."""
    places = match.positions
    if match.score < _NEAR * len(word):
        return False
    first, last = places[0], places[-1]
    if last - first == len(places) - 1:
        return True
    is_one_word = title[first : last + 1].isalnum()
    return starts_word(title, first) and all(
        is_one_word or place == before + 1 or starts_word(title, place)
        for before, place in pairwise(places)
    )


def _exactness(word: str, title: str) -> float:
    """Return what a whole word of a title is worth on top of its letters."""
    done = _words(_done(title))
    if word.casefold() not in done:
        return 0.0
    return _EXACT + (_ALL_OF_IT if len(done) == 1 else 0.0)


def _done(title: str) -> str:
    """Return what a title says after the menu's name."""
    return title.rpartition("›")[2].strip().removesuffix("...")


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
