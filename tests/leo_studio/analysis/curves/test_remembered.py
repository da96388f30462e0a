"""What the Curves panel remembers is read back as it was, and nonsense as nothing."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.curves.quantities import X_AXES
from leo_studio.analysis.curves.remembered import (
    RememberedCurves,
    RememberedRun,
    read_remembered,
)

NAMES = st.text("abc._", min_size=1, max_size=5)
TUPLES = st.lists(NAMES, max_size=3).map(tuple)
REMEMBERED = st.builds(
    RememberedCurves,
    plots=st.none() | TUPLES,
    curves=st.dictionaries(NAMES, TUPLES, max_size=3),
    logarithmic=st.none() | TUPLES,
    axis=st.none() | st.sampled_from(X_AXES),
    is_log_x=st.none() | st.booleans(),
    smoothing=st.none() | st.floats(0, 0.999),
    averages_seeds=st.none() | st.booleans(),
    runs=st.lists(
        st.builds(RememberedRun, NAMES.map(lambda name: Path("/runs") / name), st.booleans()),
        max_size=3,
    ).map(tuple),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = tuple(RememberedCurves((), {}, (), "step", False, 0.0, False).as_plain())


@given(REMEMBERED)
def test_what_is_remembered_comes_back_through_json(remembered: RememberedCurves) -> None:
    assert read_remembered(json.loads(json.dumps(remembered.as_plain()))) == remembered


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_nonsense_is_read_as_something_that_makes_sense(plain: dict[str, object]) -> None:
    read = read_remembered(plain)
    assert read.axis is None or read.axis in X_AXES
    assert read.smoothing is None or 0 <= read.smoothing < 1
    assert all(str(run.path) for run in read.runs)
    assert read_remembered(read.as_plain()) == read


def test_each_kind_of_nonsense_is_left_out_and_the_rest_stays() -> None:
    read = read_remembered(
        {
            "plots": "loss",
            "curves": {"loss": ["training.loss", 3], "accuracy": None},
            "axis": "sideways",
            "is_log_x": 1,
            "smoothing": float("nan"),
            "averages_seeds": True,
            "runs": [{"path": "a\0b"}, {"path": ""}, 7, {"path": "/r/x", "is_added": False}],
        }
    )
    assert read == RememberedCurves(
        curves={"loss": ("training.loss",)},
        averages_seeds=True,
        runs=(RememberedRun(Path("/r/x"), False),),
    )
