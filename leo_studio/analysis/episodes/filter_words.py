"""How people write filters: decimal commas, percent, names of classes, words in place of signs."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

# `class` is a word of Python's own.
_REWRITES = (
    (re.compile(r"\bclass(?:es)?\s*!=\s*(\"[^\"]*\"|'[^']*')"), r"not has(\1)"),
    (re.compile(r"\bclass(?:es)?\s*(?:==?|has)\s*(\"[^\"]*\"|'[^']*')"), r"has(\1)"),
    # Around a name that has become has("pear") by itself.
    (re.compile(r'\bhas\(\s*(has\("[^"]*"\))\s*\)'), r"\1"),
    (re.compile(r'\bclass(?:es)?\s*!=\s*(has\("[^"]*"\))'), r"not \1"),
    (re.compile(r'\bclass(?:es)?\s*(?:==?|has)\s*(has\("[^"]*"\))'), r"\1"),
)
_ALONE = ("class", "classes")  # what they are compared with is a class
# Outside of quotes; a decimal comma is a point.
_QUOTED = re.compile(r"(\"[^\"]*\"|'[^']*')")
_COMMA = re.compile(r"(?<=\d),(?=\d)|(?<![\w)\].,]),(?=\d)")
_PERCENTAGE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%")
_WORD = re.compile(r"[^\W\d]\w*")
_PERCENT = re.compile(r"(?<=\d)\s*per ?cents?\b", re.IGNORECASE)
_SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "<=": r"(?:at most|no more than|up to)",
        ">=": r"(?:at least|no less than)",
        "<": r"(?:below|under|(?:less|lower|smaller|worse) than)",
        ">": r"(?:above|over|(?:more|greater|higher|larger|better) than)",
        "==": r"(?:equals?(?: to)?|exactly)",
    }
)


def as_python(text: str) -> str:
    """Write a filter as Python would have it; names in quotes stay as they are."""
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    return _outside_quotes(text, lambda part: _PERCENTAGE.sub(r"(\1 / 100)", _COMMA.sub(".", part)))


def with_quoted_classes(text: str, class_names: Iterable[str], reserved: frozenset[str]) -> str:
    """Write has("pear") for the bare name of a class, whatever the case of its letters.

    A name of numbers and `reserved` words alone, such as "5" or "loss", means what it means without
    the class.
    """
    inside, names = text.casefold(), []
    for name in class_names:
        if name.casefold() in inside and not set(name) & set("\"'"):
            words = {word.casefold() for word in _WORD.findall(name)}
            if words - reserved and name.casefold() not in _ALONE and not _is_number(name):
                names.append(name)
    if not names:
        return text
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w.-])(?:{longest_first})(?![\w-])", re.IGNORECASE)
    return _outside_quotes(text, lambda part: pattern.sub(lambda it: f'has("{it[0]}")', part))


def with_any_classes(text: str, reserved: frozenset[str]) -> str:
    """Write has("pear") for all bare words that may be classes, where no classes are known."""
    other = rf"(?:{'|'.join(sorted(reserved))})\b|(?:{'|'.join(_ALONE)})(?![\w-])"
    word = rf"(?!{other})[^\W\d][\w.-]*"
    pattern = re.compile(rf"(?<![\w.-]){word}(?:\s+{word})*", re.IGNORECASE)
    return _outside_quotes(text, lambda part: pattern.sub(lambda it: f'has("{it[0]}")', part))


def with_signs(text: str) -> str:
    """Write a filter with signs where it has words: accuracy < 60 for accuracy below 60 percent."""

    def rewritten(part: str) -> str:
        for sign, words in _SIGNS.items():
            part = re.sub(rf"\s*\b(?:is |are )?{words}\b\s*", f" {sign} ", part, flags=re.I)
        return _PERCENT.sub("", part)

    return _outside_quotes(text, rewritten)


def whole_word(text: str, name: str) -> str:
    """Return what a name that Python found stands in, such as pear-7 for "pear"."""
    found = re.search(rf"(?<!\w){re.escape(name)}(?:-\w+)*", text)
    return name if found is None else found[0]


def bounds(text: str, field: str) -> frozenset[str]:
    """Return whether a filter wants a field "<" or ">" than something; both where it may be any.

    Empty where the field is not compared.
    """
    plain = _QUOTED.sub("", text)
    if not re.search(rf"\b{field}\b", plain):
        return frozenset()
    below = re.search(rf"\b{field}\s*<|>=?\s*{field}\b", plain) is not None
    above = re.search(rf"\b{field}\s*>|<=?\s*{field}\b", plain) is not None
    return frozenset("<" * below + ">" * above) or frozenset("<>")


def _outside_quotes(text: str, change: Callable[[str], str]) -> str:
    parts = _QUOTED.split(text)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
