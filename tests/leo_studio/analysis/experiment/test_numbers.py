import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import settings
from leo_studio.analysis.experiment.numbers import is_integer, parsed, stepped

KNOWN = dict(settings())
NUMBERS = [path for path, info in KNOWN.items() if info.annotation in (int, float)]


def test_what_is_no_number_stays_a_text() -> None:
    assert parsed("1,000.5", integer=False) == "1,000.5"
    assert parsed("2.5", integer=True) == "2.5"
    assert parsed("1,000", integer=True) == "1,000"


def test_a_comma_begins_the_decimals_too() -> None:
    assert parsed("0,3", integer=False) == 0.3
    assert parsed("3E-5", integer=False) == 3e-5


@pytest.mark.parametrize(
    ("path", "value", "up", "down"),
    [
        ("learner.kl_weight", 0.001, 0.002, 0.0005),
        ("learner.kl_weight", 0.756143, 1.0, 0.5),
        ("learner.kl_weight", 0.0, 1e-10, 0.0),
        ("learner.kl_weight", 1e-10, 2e-10, 0.0),
        ("learner.inner_lr", 1000.0, 1000.0, 500.0),
        ("learner.dropout", 0.3, 0.35, 0.25),
        ("learner.dropout", 0.307651, 0.35, 0.3),
        ("learner.dropout", 0.95, 0.95, 0.9),
        ("learner.dropout", 0.0, 0.05, 0.0),
        ("optimizer.clip_value", 0.1, 0.11, 0.099),
        ("task.n_way", 5, 6, 4),
        ("task.n_way", 2, 3, 2),
        ("task.n_way", 1000, 1000, 990),
        ("schedule.steps", 3000, 3100, 2900),
        ("schedule.steps", 100, 110, 99),
        ("run.seed", 2**63 - 1, 2**63 - 1, None),
    ],
)
def test_arrows_step_to_round_numbers_inside_the_limits(
    path: str, value: float, up: float, down: float | None
) -> None:
    assert stepped(value, 1, KNOWN[path]) == pytest.approx(up, rel=1e-12)
    if down is not None:
        assert stepped(value, -1, KNOWN[path]) == pytest.approx(down, rel=1e-12)


def test_a_seed_is_counted_singly() -> None:
    assert stepped(123456, 1, KNOWN["run.seed"], singly=True) == 123457


@given(path=st.sampled_from(NUMBERS), steps=st.integers(-12, 12), value=st.data())
def test_steps_never_leave_the_limits_and_stay_of_their_kind(
    path: str, steps: int, value: st.DataObject
) -> None:
    info = KNOWN[path]
    draw = st.integers(2, 1000) if is_integer(info) else st.floats(1e-9, 0.99)
    result = stepped(value.draw(draw), steps, info)

    assert isinstance(result, int if is_integer(info) else float)
    assert math.isfinite(result)
    lowest = min((getattr(limit, "ge", -math.inf) for limit in info.metadata), default=-math.inf)
    assert result >= lowest or lowest == -math.inf
