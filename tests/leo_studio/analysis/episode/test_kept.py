from pathlib import Path

import numpy as np

from engine.inspection.records import Inspection
from leo_studio.analysis.episode.kept import kept_in_words, listed_words, opened_words
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.analysis.kept_names import kept_name, rest_of_note
from leo_studio.services.records import Examples, KeptInspection, OpenedInspection
from tests.leo_studio.analysis.inspection.conftest import loaded, seen

__all__ = ["loaded", "seen"]

CHANGES = "swap 1 6; add 0 1487; drop 0 1516; inner_steps 3"


def test_what_is_kept_is_called_by_the_first_line_of_its_note() -> None:
    assert kept_name("odd glyph\nlook at the hook", "val 3") == "odd glyph"
    assert rest_of_note("odd glyph\nlook at the hook") == "look at the hook"
    assert (kept_name("  ", "val 3"), rest_of_note("")) == ("val 3", "")
    long = "word " * 40
    assert len(kept_name(long, "")) == 60 and rest_of_note(long) == long.strip()


def test_changes_that_were_kept_are_said_with_the_names_that_the_file_knows() -> None:
    kept = KeptInspection(
        Path("kept.h5"),
        what_if=CHANGES,
        classes=("hand", "foot"),
        names={1487: "hand/hand-07"},
        has_images=True,
    )
    assert listed_words(kept) == (
        "1 class swapped (now foot), 1 support picture replaced "
        "(example 1516 of hand → hand-07), inner steps now 3"
    )


def test_an_opened_one_says_what_was_there_before_where_that_is_known(seen: Inspection) -> None:
    from dataclasses import replace

    changed = replace(seen, provenance=replace(seen.provenance, what_if="swap 1 6; inner_steps 3"))
    none = Examples(np.zeros(0, np.int64), (), None)
    first, new = class_names(seen)[1], seen.class_names[6]
    opened = OpenedInspection(changed, "", none, plain=seen)
    steps = f"inner steps {seen.inner_steps} → 3"
    assert opened_words(opened) == f"1 class swapped ({first} → {new}), {steps}"


def test_changes_of_a_later_version_are_shown_as_they_are() -> None:
    assert kept_in_words("turn 3 90", "example", (), {}) == "turn 3 90"
