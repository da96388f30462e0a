from hypothesis import given
from hypothesis import strategies as st

from engine.config.names import name_like, valid_name


@given(st.text())
def test_a_name_that_is_proposed_is_one(text: str) -> None:
    assert valid_name(f"{name_like(text)}-2")


def test_it_is_as_much_like_the_text_as_names_can_be() -> None:
    assert name_like("features [x] <b>") == "features-x-b"
    assert name_like("mini.v1+aug") == "mini.v1+aug"
    assert name_like("...") == name_like("") == "unnamed"
