"""How workers ended, in words."""

from pathlib import Path

import pytest

from engine.studies.executors import PROBLEM, PROBLEMS, how_ended


@pytest.mark.parametrize(
    ("status", "is_dead", "sentence"),
    [
        (0, False, ""),
        (PROBLEMS, False, f"{PROBLEM}a: no number."),
        (1, True, "A worker failed (1), and another goes on; see LOG: ValueError: last"),
        (-9, True, "A worker was killed by SIGKILL, and another goes on; see LOG."),
        (143, True, "A worker was ended by SIGTERM, and another goes on; see LOG."),
        (255, True, "A worker failed (255), and another goes on; see LOG."),
    ],
)
def test_an_end_is_said_in_words(tmp_path: Path, status: int, is_dead: bool, sentence: str) -> None:
    log = tmp_path / "1.log"
    log.write_text(f"b: begins\n{PROBLEM}a: no number.\nValueError: last\n")
    assert how_ended(status, log) == (is_dead, sentence.replace("LOG", str(log)))
