"""Search over all pages of the guide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leo_studio.analysis.guide.pages import GuidePage, Heading, sections_of

_BEFORE, _AFTER = 40, 100  # letters of a section around what was found


@dataclass(frozen=True, slots=True)
class Found:
    """A section that has all words; `excerpt` is the text around the first of them."""

    page: GuidePage
    heading: Heading
    excerpt: str


def search(pages: Iterable[GuidePage], wanted: str) -> tuple[Found, ...]:
    """Return the sections that have all words of a text, those that name them in a heading first.

    Parameters
    ----------
    pages
        Where to look.
    wanted
        Words in any order and case; parts of words are found too. Nothing is found for none.
    """
    words = wanted.casefold().split()
    if not words:
        return ()
    named, told = list[Found](), list[Found]()
    for page in pages:
        for heading, text in sections_of(page):
            title, folded = heading.title.casefold(), text.casefold()
            if all(word in title for word in words):
                named.append(Found(page, heading, _excerpt(text, 0)))
            elif all(word in title or word in folded for word in words):
                told.append(Found(page, heading, _excerpt(text, _first(folded, words))))
    return (*named, *told)


def _first(folded: str, words: Sequence[str]) -> int:
    return min((folded.find(word) for word in words if word in folded), default=0)


def _excerpt(text: str, place: int) -> str:
    """Return whole words around a place."""
    start, end = max(0, place - _BEFORE), place + _AFTER
    before = "" if start == 0 else "... "
    after = "" if end >= len(text) else " ..."
    if before:
        start = text.find(" ", start, place) + 1 or start
    if after:
        end = max(text.rfind(" ", place, end), place)
    return f"{before}{text[start:end].strip()}{after}"
