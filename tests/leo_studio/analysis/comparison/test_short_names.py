"""Short names of compared runs."""

import pytest

from leo_studio.analysis.comparison.short_names import short_names


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (("sines, MAML, seed 0", "sines, MAML, seed 1"), ("seed 0", "seed 1")),
        (("sines, seed 0", "sines, seed 0 (2)"), ("seed 0", "seed 0 (2)")),
        (("sines, seed 0", "sines, MAML, seed 0"), ("seed 0", "MAML")),
        (("same", "same"), ("same", "same")),
        (("mine",), ("mine",)),
        ((), ()),
    ],
)
def test_a_short_name_is_what_tells_a_title_apart(
    titles: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert short_names(titles) == names
