import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.classes.confusion import (
    by_difficulty,
    by_likeness,
    by_name,
    confusions,
    episodes_behind,
    worst_pairs,
)
from tests.leo_studio.tables import random_table


@given(episodes=st.integers(1, 60), seed=st.integers(0, 20))
def test_confusions_are_counted_episode_by_episode(episodes: int, seed: int) -> None:
    table = random_table(episodes, seed=seed)
    found = confusions(table)
    for row, true in enumerate(found.labels.tolist()):
        for column, taken in enumerate(found.labels.tolist()):
            counts = asked = both = 0
            for episode in range(episodes):
                classes = table.classes[episode].tolist()
                if true in classes and taken in classes:
                    place, other = classes.index(true), classes.index(taken)
                    counts += int(table.confusions[episode, place, other])
                    asked += int(table.confusions[episode, place].sum())
                    both += 1
            assert (counts, asked, both) == (
                found.counts[row, column],
                found.asked[row, column],
                found.episodes[row, column],
            )


def test_the_episodes_behind_a_cell_are_those_of_the_confusion_worst_first() -> None:
    table = random_table(300)
    numbers, counts = episodes_behind(table, 3, 7)
    assert (np.diff(counts) <= 0).all() and counts[-1] > 0
    for number in range(300):
        classes = table.classes[number].tolist()
        has = 3 in classes and 7 in classes
        confused = has and table.confusions[number, classes.index(3), classes.index(7)] > 0
        assert (number in numbers) == confused
    own, wrong = episodes_behind(table, 3, 3)
    assert set(own.tolist()) == set(np.flatnonzero((table.classes == 3).any(1)).tolist())
    assert (np.diff(wrong) <= 0).all()


def test_classes_stand_in_the_order_that_is_asked_for() -> None:
    found = confusions(random_table(200))
    assert list(found.ordered(by_name(found)).names) == sorted(found.names)
    assert (np.diff(found.ordered(by_difficulty(found)).accuracies) >= 0).all()
    assert sorted(by_likeness(found).tolist()) == list(range(len(found.names)))
    pairs = worst_pairs(found, 10)
    shares = [found.shares[pair] for pair in pairs]
    assert shares == sorted(shares, reverse=True) and all(row != column for row, column in pairs)
