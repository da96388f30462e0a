"""The watch over leaks finds each kind of them, and nothing where there is none."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyqtgraph
import pytest
from PySide6.QtCore import QRunnable, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QWidget

from tests.leaks import Leak, no_leaks

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture
def afterwards(qapp: QApplication) -> Iterator[ExitStack]:
    """Clean up when the test is over, so that what it leaks on purpose goes."""
    with ExitStack() as stack:
        yield stack


def test_a_thread_that_runs_on_is_found(afterwards: ExitStack) -> None:
    end = threading.Event()
    afterwards.callback(end.set)
    with pytest.raises(Leak, match="thread engine"), no_leaks(0.1):
        threading.Thread(target=end.wait, name="engine").start()


def test_a_thread_that_ends_soon_is_no_leak(qapp: QApplication) -> None:
    end = threading.Event()
    with no_leaks():
        threading.Thread(target=end.wait, args=[0.2]).start()


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_window_that_stays_is_found(afterwards: ExitStack, is_shown: bool) -> None:
    with pytest.raises(Leak, match='window QWidget "palette"'), no_leaks(0.1):
        window = QWidget()
        window.setObjectName("palette")
        window.setVisible(is_shown)
    afterwards.callback(window.deleteLater)


def test_a_window_that_is_deleted_later_is_no_leak(qapp: QApplication) -> None:
    with no_leaks():
        window = QWidget()
        window.deleteLater()


def test_windows_in_a_cycle_are_no_leak(qapp: QApplication) -> None:
    with no_leaks():
        window = QMainWindow()
        window.setCentralWidget(QLabel())
        # As a slot that is a method of the window's owner makes one.
        window.__dict__["owner"] = [window]
        window.show()
        del window


@pytest.mark.parametrize("is_owned", [True, False])
def test_a_timer_that_fires_on_is_found(
    qapp: QApplication, afterwards: ExitStack, is_owned: bool
) -> None:
    with pytest.raises(Leak, match="running timer QTimer"), no_leaks(0.1):
        timer = QTimer(qapp if is_owned else None)
        timer.start(1000)
    afterwards.callback(timer.stop)


def test_a_timer_that_was_stopped_is_no_leak(qapp: QApplication) -> None:
    with no_leaks():
        timer = QTimer(qapp)
        timer.start(1000)
        timer.stop()


def test_what_was_there_before_is_not_blamed_on_a_test(
    qapp: QApplication, afterwards: ExitStack
) -> None:
    window, timer = QWidget(), QTimer(qapp)
    afterwards.callback(window.deleteLater)
    afterwards.callback(timer.stop)
    timer.start(1000)
    with no_leaks(0.1):
        pass


def test_a_thread_of_qt_that_runs_on_is_found(afterwards: ExitStack) -> None:
    with pytest.raises(Leak, match="running QThread"), no_leaks(0.1):
        thread = QThread()
        thread.start()
    afterwards.callback(thread.wait)
    afterwards.callback(thread.quit)  # first


def test_work_in_the_thread_pool_is_found(qapp: QApplication) -> None:
    end = threading.Event()
    pool = QThreadPool.globalInstance()
    with pytest.raises(Leak, match="thread pool"), no_leaks(0.1):
        pool.start(QRunnable.create(end.wait))
    end.set()
    assert pool.waitForDone(2000)


def test_a_plot_that_is_closed_is_no_leak(qapp: QApplication) -> None:
    with no_leaks():
        plot = pyqtgraph.PlotWidget()
        plot.plot([1.0, 3.0, 2.0])
        plot.show()
        qapp.processEvents()
        plot.close()
        del plot


LEAKY_TESTS = """
import threading
import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QWidget

kept = []
end = threading.Event()

@pytest.fixture(scope="module", autouse=True)
def clean_up():
    yield
    end.set()
    kept.clear()

def test_clean(qtbot):
    qtbot.addWidget(QWidget())

def test_window(qtbot):
    kept.append(QWidget())

def test_timer(qtbot):
    kept.append(QTimer())
    kept[-1].start(1000)

def test_thread(qtbot):
    threading.Thread(target=end.wait, daemon=True).start()

def test_thread_of_the_engine_alone():
    threading.Thread(target=end.wait, daemon=True).start()

def test_warning(qtbot):
    qWarning("a mistake")
"""


class Failures:
    """A plugin that keeps the names of the tests that fail."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.names.add(report.nodeid.rpartition("::")[2])


@pytest.mark.slow
def test_a_leak_or_a_warning_of_qt_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "test_leaky.py").write_text(LEAKY_TESTS)
    without = ["-p", "no:cacheprovider", "-p", "no:faulthandler"]
    settings = ["-c", str(CHECKOUT / "pyproject.toml"), "--rootdir", str(tmp_path)]
    failures = Failures()
    options = ["-p", "tests.conftest", *without, *settings, str(tmp_path)]
    status = pytest.main(options, plugins=[failures])
    assert status == pytest.ExitCode.TESTS_FAILED
    assert failures.names == {"test_window", "test_timer", "test_thread", "test_warning"}
