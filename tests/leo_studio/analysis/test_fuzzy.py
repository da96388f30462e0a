"""Finding by a few letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.fuzzy import fuzzy_match

texts = st.text(max_size=40)


def best(pattern: str, candidates: list[str]) -> str:
    """Return the candidate that matches best."""
    matches = [(fuzzy_match(pattern, text), text) for text in candidates]
    return max((match.score, text) for match, text in matches if match)[1]


@given(texts, st.data())
def test_every_subsequence_of_a_text_is_found(text: str, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    letters = "".join(letter for letter, keep in zip(text, kept, strict=True) if keep)
    words = letters.split()
    match = fuzzy_match(letters, text)
    assert match is not None
    assert len(match.positions) >= max((len(word) for word in words), default=0)


@given(texts, texts)
def test_positions_are_those_of_the_letters(pattern: str, text: str) -> None:
    match = fuzzy_match(pattern, text)
    if match is not None:
        found = {text[place].casefold() for place in match.positions}
        assert found == {letter.casefold() for letter in "".join(pattern.split())}
        assert list(match.positions) == sorted(set(match.positions))


@given(texts, texts)
def test_case_never_decides_whether_a_text_is_found(pattern: str, text: str) -> None:
    if pattern.upper().lower() == pattern.lower():
        lower, upper = fuzzy_match(pattern.lower(), text), fuzzy_match(pattern, text)
        assert (lower is None) == (upper is None)


@given(texts)
def test_no_text_is_better_for_its_letters_than_the_word_itself(text: str) -> None:
    word = "".join(text.split())
    if word:
        exact, longer = fuzzy_match(word, word), fuzzy_match(word, f"x{word}x")
        assert exact is not None
        assert longer is not None
        assert exact.score > longer.score


@given(texts)
def test_nothing_asked_for_matches_everything(text: str) -> None:
    match = fuzzy_match("  ", text)
    assert match is not None
    assert match.score == 0
    assert match.positions == ()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("tp", "Train > Pause"),
        ("pau", "Train > Pause"),
        ("stop", "Train > Stop"),
        ("st", "Train > Stop"),
        ("mini1", "Load preset mini-1shot"),
        ("preset mini", "Load preset mini-1shot"),
        ("mini preset", "Load preset mini-1shot"),
        ("dark", "View > Dark theme"),
    ],
)
def test_people_find_what_they_mean(pattern: str, expected: str) -> None:
    candidates = [
        "Train > Pause",
        "Train > Stop",
        "Train > Step",
        "Edit > Preferences",
        "Load preset mini-1shot",
        "Load preset mini-5shot-trainval",
        "View > Dark theme",
        "View > Data and runs keep",
    ]
    assert best(pattern, candidates) == expected


def test_every_word_must_be_found() -> None:
    assert fuzzy_match("train zebra", "Train > Pause") is None


def test_letters_in_another_order_are_not_found() -> None:
    assert fuzzy_match("esuap", "Train > Pause") is None


def test_the_best_way_to_find_the_letters_counts() -> None:
    match = fuzzy_match("run", "Return to the run")
    assert match is not None
    assert match.positions == (14, 15, 16)
