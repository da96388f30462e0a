"""Fuzzy search: finds what a person means by a few letters."""

from dataclasses import dataclass

# A letter side by side with the last one says most, then one that begins a word.
_LETTER = 1.0
_CONSECUTIVE = 9.0
_WORD_START = 8.0
_TEXT_START = 2.0  # on top of the word's
_SAME_CASE = 0.5
_GAP = 0.05  # for each letter that is left out between two
_LENGTH = 0.01  # for each letter of the text: of equal matches, the shorter text


@dataclass(frozen=True, slots=True)
class FuzzyMatch:
    """A match: how well a text fits, and which of its characters were asked for."""

    score: float
    positions: tuple[int, ...]  # ascending


def fuzzy_match(pattern: str, text: str) -> FuzzyMatch | None:
    """Match the words of a pattern, in any order, each as a subsequence of the text.

    Of all ways to find a word's letters in the text, the best counts: at the starts of words, and
    side by side. Case matters only between equals.

    Returns
    -------
    FuzzyMatch or None
        None where some word is not in the text. An empty pattern matches with score 0.
    """
    folded = [letter.casefold() for letter in text]
    total, positions = 0.0, set[int]()
    for word in pattern.split():
        found = _match_word(word, text, folded)
        if found is None:
            return None
        total += found.score
        positions.update(found.positions)
    score = total - _LENGTH * len(text) if positions else 0.0
    return FuzzyMatch(score, tuple(sorted(positions)))


def _match_word(word: str, text: str, folded: list[str]) -> FuzzyMatch | None:
    if not _has_in_order(word, folded):
        return None
    # best[k] = (score, path) of the letters so far, the last of them at columns[k].
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    columns = [-1]
    for letter in word:
        wanted = letter.casefold()
        places = [index for index, each in enumerate(folded) if each == wanted]
        best, columns = _extended(letter, text, places, best, columns)
    score, path = max(best, key=lambda each: each[0])
    return FuzzyMatch(score, path)


def _extended(
    letter: str,
    text: str,
    places: list[int],
    best: list[tuple[float, tuple[int, ...]]],
    columns: list[int],
) -> tuple[list[tuple[float, tuple[int, ...]]], list[int]]:
    """Return the best paths that end at each place, one letter longer than those given."""
    longer, ends = [], []
    for place in places:
        worth = _worth(letter, text, place)
        candidates = [
            (score + worth + _join(column, place), path)
            for (score, path), column in zip(best, columns, strict=True)
            if column < place
        ]
        if candidates:
            score, path = max(candidates, key=lambda each: each[0])
            longer.append((score, (*path, place)))
            ends.append(place)
    return longer, ends


def _worth(letter: str, text: str, place: int) -> float:
    worth = _LETTER
    if starts_word(text, place):
        worth += _WORD_START + (_TEXT_START if place == 0 else 0.0)
    return worth + (_SAME_CASE if text[place] == letter else 0.0)


def _join(column: int, place: int) -> float:
    if column < 0:
        return 0.0
    return _CONSECUTIVE if column == place - 1 else -_GAP * (place - column - 1)


def starts_word(text: str, place: int) -> bool:
    """Say whether a word begins at a place of a text; a number and a hump begin one too."""
    if place == 0:
        return True
    before, here = text[place - 1], text[place]
    is_hump = before.islower() and here.isupper()
    is_number = here.isdigit() and not before.isdigit()
    return is_hump or is_number or (here.isalnum() and not before.isalnum())


def _has_in_order(word: str, folded: list[str]) -> bool:
    letters = iter(folded)
    return all(letter.casefold() in letters for letter in word)
