import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.inspection.kept_points import KeptPoints, keep_points, kept_of, read_points

single = st.floats(-1e6, 1e6, width=32)


def made(**changes: Any) -> KeptPoints:
    values: dict[str, Any] = {
        "x": (1.0, 2.0),
        "y": (3.0, 4.0),
        "number": 7,
        "own_x": (1.0,),
        "own_y": (3.0,),
        "run": "mine",
        "run_id": "abc",
        "step": 40,
        "note": "a note",
    }
    return KeptPoints(**(values | changes))


@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(single, single), min_size=1, max_size=20))
def test_points_come_back_to_the_bit(
    pairs: list[tuple[float, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("points") / "points.json"
    x, y = zip(*pairs, strict=True)
    kept = made(x=x, y=y)
    keep_points(path, kept)
    again = read_points(path)
    assert again == kept and again.kept
    np.testing.assert_array_equal(again.points[0], np.array(x, np.float32))
    np.testing.assert_array_equal(again.points[1], np.array(y, np.float32))


def test_the_task_is_known_by_its_own_points() -> None:
    own = np.array([1.0], np.float32), np.array([3.0], np.float32)
    assert made().is_of(own)
    assert not made().is_of((own[0], own[1] + 1))
    assert not made().is_of((np.zeros(2, np.float32), np.zeros(2, np.float32)))


@pytest.mark.parametrize("value", [1e13, -1e13])
def test_points_that_no_file_holds_are_one_sentence(value: float) -> None:
    near, far = np.array([1.0], np.float32), np.array([value], np.float32)
    for points, own in (((far, near), (near, near)), ((near, near), (near, far))):
        with pytest.raises(BadInput, match=r"a coordinate beyond 1e\+12.* larger unit"):
            kept_of(points, (7, own), "mine", "abc", 40, "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"schema": 2}, "update LEO Studio"),
        ({"kind": "inspection"}, "holds no kept points"),
        ({"x": []}, "x is not as it should be"),
        ({"x": [1.0]}, "as many x as y"),
        ({"own_x": [1.0, 2.0]}, "as many x as y"),
        ({"y": [1.0, "two"]}, "y.1 is not as it should be"),
        ({"y": [1.0, float("nan")]}, "y.1 is not as it should be"),
        ({"y": [1.0, 1e30]}, "y.1 is not as it should be"),
        ({"x": [0.0] * 1001, "y": [0.0] * 1001}, "x is not as it should be"),
        ({"number": -1}, "number is not as it should be"),
        ({"number": 1.5}, "number is not as it should be"),
    ],
)
def test_what_is_no_such_file_is_one_sentence(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "points.json"
    keep_points(path, made())
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(BadInput, match=sentence) as caught:
        read_points(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"\xff\xfe\x00", b"{", b"[" * 100_000])
def test_what_is_no_json_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "points.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="holds no kept points"):
        read_points(path)


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        read_points(tmp_path / "gone.json")
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        read_points(tmp_path)
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 1_000_001)
    with pytest.raises(BadInput, match="too large"):
        read_points(large)
