import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from leo_studio.services.background import Background, Task


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


def poll_until(background: Background, is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_done():
        assert time.monotonic() < deadline
        background.poll()
        time.sleep(0.002)


def test_results_arrive_on_the_thread_that_polls(background: Background) -> None:
    threads: list[threading.Thread] = []
    background.start(
        "Where am I", lambda _: threading.current_thread(), lambda made_by: threads.append(made_by)
    )
    poll_until(background, lambda: bool(threads))
    assert threads[0] is not threading.current_thread()
    assert background.tasks == []


def test_progress_is_seen_and_cancelling_ends_the_work(background: Background) -> None:
    ended = threading.Event()

    def count(task: Task) -> None:
        try:
            for number in range(10**9):
                task.report(number / 10**9, f"{number}")
                time.sleep(0.001)
        finally:
            ended.set()

    results: list[object] = []
    task = background.start("Counting", count, results.append)
    poll_until(background, lambda: (task.fraction or 0) > 0)
    assert int(task.note) > 0
    task.cancel()
    poll_until(background, lambda: not background.tasks)
    assert ended.is_set() and results == []


def test_what_is_cancelled_before_it_ends_is_not_handed_over(background: Background) -> None:
    """Also where the work never looks whether it is still wanted."""
    release = threading.Event()
    results: list[object] = []
    task = background.start("Deaf", lambda _: release.wait(30), results.append)
    task.cancel()
    release.set()
    poll_until(background, lambda: not background.tasks)
    assert results == []


def test_failures_are_told_and_do_not_stop_others(background: Background) -> None:
    failures: list[tuple[str, str]] = []
    background.on_failure(lambda task, error: failures.append((task.title, str(error))))
    results: list[int] = []

    def broken(_: Task) -> int:
        raise ValueError("no")

    background.start("Broken", broken, results.append)
    background.start("Whole", lambda _: 3, results.append)
    poll_until(background, lambda: not background.tasks)
    assert failures == [("Broken", "no")] and results == [3]


def test_closing_waits_for_what_is_under_way() -> None:
    background = Background()
    ended = threading.Event()

    def work(task: Task) -> None:
        while not task.is_cancelled:
            time.sleep(0.001)
        ended.set()

    background.start("Working", work, lambda _: None)
    background.close()
    assert ended.is_set()


def test_what_is_over_in_a_moment_does_not_wait_behind_what_takes_long(
    background: Background,
) -> None:
    release = threading.Event()
    results: list[str] = []
    for _ in range(5):
        background.start("Long", lambda _: release.wait(30), lambda _: results.append("long"))
    background.start("Short", lambda _: "short", results.append, is_shown=False)
    poll_until(background, lambda: bool(results))
    assert results == ["short"]
    release.set()


def test_a_result_that_cannot_be_shown_does_not_lose_the_others(background: Background) -> None:
    results: list[int] = []
    numbers = count()

    def show(number: int) -> None:
        if number == 0:
            raise ZeroDivisionError
        results.append(number)

    def counted(_: Task) -> int:
        return next(numbers)

    for _ in range(3):
        background.start("Number", counted, show)
    while not background.is_idle:
        time.sleep(0.002)
    with pytest.raises(ZeroDivisionError):
        background.poll()
    background.poll()
    assert results == [1, 2]


def test_parts_arrive_in_order_and_before_the_whole(background: Background) -> None:
    told: list[object] = []

    def work(task: Task) -> str:
        for number in range(100):
            task.hand_over(number)
        return "whole"

    background.start("Counting", work, told.append, part=told.append)
    poll_until(background, lambda: "whole" in told)
    assert told == [*range(100), "whole"]


def test_nobody_is_told_of_parts_or_errors_of_cancelled_work(background: Background) -> None:
    told: list[object] = []
    may_go_on = threading.Event()

    def work(task: Task) -> None:
        task.hand_over("part")
        may_go_on.wait(30)
        raise ValueError("late")

    task = background.start("Waiting", work, told.append, part=told.append, failed=told.append)
    task.cancel()
    background.poll()
    may_go_on.set()
    poll_until(background, lambda: background.is_idle)
    background.poll()
    assert told == []


def test_an_error_goes_to_who_asked_for_it(background: Background) -> None:
    told: list[BaseException] = []

    def work(_: Task) -> None:
        raise ValueError("no such thing")

    background.start("Failing", work, lambda _: None, failed=told.append)
    poll_until(background, lambda: bool(told))
    assert str(told[0]) == "no such thing"


def test_nothing_begins_once_all_is_closed() -> None:
    """A panel that saves while its window closes may ask for more."""
    background = Background()
    background.close()
    told: list[object] = []
    task = background.start("Late", lambda _: "done", told.append, failed=told.append)
    assert task.is_cancelled and background.is_idle
    background.poll()
    assert told == []


def test_what_lasts_for_hours_holds_up_neither_the_long_nor_the_short(
    background: Background,
) -> None:
    done: list[str] = []
    lasting = [
        background.start("Study", lambda task: task.wait(60), lambda _: None, is_lasting=True)
        for _ in range(3)
    ]
    background.start("Evaluation", lambda _: "long", done.append)
    background.start("Reading", lambda _: "short", done.append, is_shown=False)
    poll_until(background, lambda: set(done) == {"long", "short"})
    assert background.tasks == lasting
    for task in lasting:
        task.cancel()  # a wait ends at once
    poll_until(background, lambda: background.tasks == [])
