from collections.abc import Generator

import pytest

from engine.io.generators import finished, retold


def test_what_is_yielded_is_retold_and_the_value_is_kept() -> None:
    def steps() -> Generator[int, None, str]:
        yield 1
        yield 2
        return "done"

    told: list[str] = []
    assert finished(retold(steps(), lambda step: f"step {step}"), told.append) == "done"
    assert told == ["step 1", "step 2"]


def test_whoever_closes_it_closes_what_it_stands_for() -> None:
    ends: list[str] = []

    def steps() -> Generator[int, None, None]:
        try:
            yield 1
            yield 2
        finally:
            ends.append("closed")

    inner = steps()
    outer = retold(inner, str)
    assert next(outer) == "1"
    outer.close()
    assert ends == ["closed"]
    with pytest.raises(StopIteration):
        next(inner)
