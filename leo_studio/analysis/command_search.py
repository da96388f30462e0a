"""Search over commands: by letters of their names, by words of their sentences, and by synonyms."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
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
    "Hardest episode": "worst lowest poorest most difficult",
    "Hardest first": "worst lowest poorest most difficult",
    "Adaptation hurt": "worse worsened harmed",
    "Largest gain": "biggest most improved helped",
}
"""Words that people say for one command alone, by what it is called after its menu's name."""

_ASKED_ALONE = {"size"}  # finds what its row names, but a title with it may be of other things
_NO_NOUNS = {"leave"}  # "leaves" are on trees, and not on the way out
_NEAR = 6.0  # for each letter: below it, letters are scattered over a title by chance
_WHOLE = 9.0  # for each letter of a whole word of a sentence or a synonym
_EXACT = 4.0  # on top, for a whole word of what is done, after the menu's name
_ALL_OF_IT = 8.0  # on top, where that one word is all of it
_LETTER = 5.0  # of a word that a sentence or a synonym has: between near and scattered letters


_FORGIVEN = 3.0  # for each letter of a word with a typing error
_LIKE_ENOUGH = 0.8  # two words of which one is the other with a typing error
_FEWEST_FORGIVEN = 5  # letters: among shorter words, too many are alike
_FEWEST_SWAPPED = 4  # letters, of which two neighbours may have changed places


@dataclass(frozen=True, slots=True)
class CommandMatch:
    """How well a command fits, which characters of its title were asked for, and what else was.

    `others` are the words that were asked for and that the title has not.
    """

    score: float
    positions: tuple[int, ...]
    others: tuple[str, ...] = ()


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


def match_command(
    wanted: str, title: str, words: Iterable[str], *, forgives: bool = False
) -> CommandMatch | None:
    """Match each word of a text with letters of a title, or with the beginning of a word.

    Parameters
    ----------
    wanted, title
        What is asked for, and what the command is called.
    words
        By which it is found, too.
    forgives
        Whether a word may have a typing error.

    Returns
    -------
    CommandMatch or None
        None where some word fits neither. No words match with score 0.
    """
    score, positions, others, known = 0.0, set[int](), list[str](), sorted(words)
    called = _ALSO_CALLED.get(_done(title), "").split()
    for word in wanted.split():
        by_title = fuzzy_match(word, title)
        told, told_word = max(_told(word, known), _told(word, called))
        if word.casefold() in called:
            told += _EXACT + _ALL_OF_IT
        is_near = by_title is not None and _is_near(word, title, by_title)
        if by_title is not None and is_near and by_title.score >= told:
            positions.update(by_title.positions)
            score += by_title.score + _exactness(word, title)
            continue
        if not told and forgives:
            told, told_word = _meant(word, (*known, *called))
            told += _exactness(told_word, title)
        if not told:
            return None
        score += told
        places = _places(told_word, title)
        positions.update(places)
        if not places:
            others.append(told_word)
    return CommandMatch(score, tuple(sorted(positions)), tuple(others))


def _told(word: str, known: Iterable[str]) -> tuple[float, str]:
    """Return how well a word fits words that a command is found by, and the one; 0 for none."""
    folded = word.casefold()
    if folded in known:
        return _WHOLE * len(word), folded  # said in whole, it is meant
    beginning = next((each for each in known if each.startswith(folded)), "")
    return (_LETTER * len(word), beginning) if beginning else (0.0, "")


def _meant(word: str, known: Sequence[str]) -> tuple[float, str]:
    """Return how well a word with a typing error fits some words, and the likest; 0 for none."""
    folded = word.casefold()
    if len(folded) < _FEWEST_FORGIVEN:
        swapped = next((each for each in known if _are_swapped(folded, each)), "")
        return (_FORGIVEN * len(word), swapped) if swapped else (0.0, "")
    # What begins with another word is a form of it, and no error: "leaves" are on trees.
    others = [each for each in known if not folded.startswith(each)]
    likest = get_close_matches(folded, others, 1, _LIKE_ENOUGH)
    if not likest:
        return 0.0, ""
    return _FORGIVEN * len(word) * SequenceMatcher(None, folded, likest[0]).ratio(), likest[0]


def _are_swapped(word: str, other: str) -> bool:
    """Say whether two neighbouring letters of a word have changed places in another one."""
    if len(word) != len(other) or len(word) < _FEWEST_SWAPPED or sorted(word) != sorted(other):
        return False
    places = [place for place, letter in enumerate(word) if letter != other[place]]
    return len(places) == 2 and places[1] == places[0] + 1


def _places(word: str, title: str) -> range:
    """Return where a title has a word, or the word whose plural it is."""
    for form in (word, word.removesuffix("s")):
        found = re.search(rf"\b{re.escape(form)}", title, re.IGNORECASE)
        if found is not None:
            return range(*found.span())
    return range(0)


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
