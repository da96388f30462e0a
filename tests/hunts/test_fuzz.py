"""A few cases of the fuzzer for each reader, and that it finds what it looks for."""

from pathlib import Path

import pytest

from engine.errors import BadInput
from tests.hunts.fuzz import run_cases, try_case
from tests.hunts.readers import READERS, Reader


@pytest.mark.slow
@pytest.mark.usefixtures("qapp")  # of which the state of a window is read
@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_refused_in_a_sentence_or_read(name: str) -> None:
    cases = dict(run_cases(name, range(12)))
    assert {number: case.finding for number, case in cases.items() if case.finding} == {}
    assert len(cases) == 12


def _refuse(words: str) -> Reader:
    def read(path: Path, scratch: Path) -> None:
        raise BadInput(words)

    return Reader(READERS["experiment"].make, read)


def _fail(path: Path, scratch: Path) -> None:
    raise KeyError("step")


def _change(path: Path, scratch: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("reader", "finding"),
    [
        (_refuse("two\nlines."), "not one line"),
        (_refuse("no end"), "no whole sentence"),
        (_refuse("errno = 28."), "a library's words"),
        (Reader(READERS["experiment"].make, _fail), "KeyError"),
        (Reader(READERS["experiment"].make, _change), "changed whole.yaml"),
        (_refuse("whole.yaml is bad; mend it."), ""),
    ],
)
def test_what_is_wrong_with_a_reader_is_found(reader: Reader, finding: str, tmp_path: Path) -> None:
    specimen = reader.make(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = try_case(reader, specimen, "experiment", 1, scratch).finding
    assert finding in found if finding else found == ""
    assert specimen.stat().st_size > 0
