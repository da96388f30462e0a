"""One session of the monkey: windows that are opened and closed, and actions in between."""

import os
import random
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import Shiboken

from engine.events import Event
from leo_studio.services.controller import Controller
from leo_studio.services.preferences import load_preferences
from leo_studio.startup.app import make_application
from leo_studio.startup.error_hooks import install_exception_hook
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.main_window import MainWindow
from tests.hunts.monkey_actions import Hands
from tests.hunts.monkey_watch import Size, Watch, growth, size_of
from tests.hunts.monkey_world import World
from tests.leaks import Leak, no_leaks

_CLOSES = 0.004  # of all actions
_ENDS_FROM_OUTSIDE = 0.001
_ACTIONS_BETWEEN_LOOKS = 40
_GRACE_SECONDS = 20.0
_LIFE_AFTER_CLOSING = 20.0  # seconds
_MOST_GROWTH = Size(windows=20, widgets=1000, objects=5000, megabytes=300)


class Session:
    """Plays with windows on a world, one after the other.

    Parameters
    ----------
    world
        What there is to play with.
    seed, actions
        What choices follow from, and how many there are.
    say
        Called with a line before each action, and with each finding.
    """

    def __init__(self, world: World, seed: int, actions: int, say: Callable[[str], None]) -> None:
        self.done = 0  # actions
        self.windows = 0  # that were opened
        self._world = world
        self._seed = seed
        self._actions = actions
        self._say = say
        self._watch = Watch(lambda finding: say(f"FINDING {finding}"))
        self._sizes: list[Size] = []
        self._chance = random.Random()

    @property
    def findings(self) -> list[str]:
        """What must not be."""
        return self._watch.findings

    def remarks(self) -> list[str]:
        """Return what may be of interest: what was refused most often, and how large all became."""
        refusals = sorted(self._watch.refusals.items(), key=lambda each: -each[1])
        said = [f"{count} x {text}" for text, count in refusals[:12]]
        sizes = self._sizes[:: max(1, len(self._sizes) // 4)]
        return [f"{len(refusals)} different refusals", *said, *(str(size) for size in sizes)]

    def play(self) -> None:
        """Play until all actions are done, and look at what is left."""
        make_application()
        with self._watch.listening(), _in_folder(self._world.root / "here"):
            while self.done < self._actions:
                self._watch.beat()
                try:
                    with no_leaks(_GRACE_SECONDS):
                        self._play_with_one_window()
                        self._watch.beat()
                except Leak as leak:
                    self._watch.find(str(leak))
            # Qt's stand-in for a clipboard deletes what it holds when Python has ended already.
            QGuiApplication.clipboard().clear()
            for fault in [*self._world.faults(), *growth(self._sizes, _MOST_GROWTH)]:
                self._watch.find(fault)

    def _play_with_one_window(self) -> None:
        themes = ThemeManager(make_application())
        preferences, _ = load_preferences(self._world.library.root / "preferences.yaml")
        themes.choose(preferences.theme, preferences.text_scale)
        window = MainWindow(Controller(self._world.library), themes, preferences)
        self.windows += 1
        unhook = install_exception_hook(window.toasts.show_notice)
        window.controller.notified.connect(self._watch.hear_notice)
        window.controller.happened.connect(self._hear_event)
        window.show()
        window.begin(())
        player = _Player(window, self._world, self._chance, self._say)
        loop = QEventLoop()

        def go_on() -> None:
            self._watch.beat()
            if player.is_over() and not player.hands.dismiss():
                loop.quit()
                return
            # Before the action: one that opens a dialog ends when that is answered.
            QTimer.singleShot(self._pause(), go_on)
            if not player.is_over() and not player.is_in_an_action():
                self._act(player)

        QTimer.singleShot(0, go_on)
        loop.exec()
        unhook()
        self._dispose_of(window)
        themes.deleteLater()

    def _act(self, player: "_Player") -> None:
        self._chance.seed(f"{self._seed} {self.done}")
        if self.done >= self._actions:
            player.end()
            return
        self.done += 1
        player.number = self.done
        try:
            player.act()
        except Exception:  # of the monkey itself: the window's own go to the hook
            self._watch.find("the monkey stumbles\n" + traceback.format_exc())
        if self.done % _ACTIONS_BETWEEN_LOOKS == 0 and not player.is_over():
            self._sizes.append(size_of(player.window))
            for lost in self._world.lost_runs():
                self._watch.find(lost)

    def _pause(self) -> int:
        return 100 if random.random() < 0.05 else 3

    def _hear_event(self, event: Event) -> None:
        self._watch.hear_event(event)

    def _dispose_of(self, window: MainWindow) -> None:
        window.controller.deleteLater()
        window.deleteLater()
        for _ in range(10):
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            QApplication.processEvents()
        if Shiboken.isValid(window):
            self._watch.find("a closed window lives on")


class _Player:
    """Plays with one window."""

    def __init__(
        self, window: MainWindow, world: World, chance: random.Random, say: Callable[[str], None]
    ) -> None:
        self.window = window
        self.number = 0
        self.hands = Hands(window, world, chance, lambda line: say(f"{self.number}: {line}"))
        self._chance = chance
        self._in_actions: list[QWidget | None] = []  # what stood above the window at their start

    def is_in_an_action(self) -> bool:
        """Whether one is under way, and waits for no dialog that it has opened.

        Qt's tester lets events pass between the press and the release of a key.
        """
        return bool(self._in_actions) and _above() in self._in_actions

    def act(self) -> None:
        """Do something with the window, or close it."""
        self._in_actions.append(_above())
        try:
            self._act()
        finally:
            self._in_actions.pop()

    def _act(self) -> None:
        ways = self._chance.random()
        if ways < _ENDS_FROM_OUTSIDE:
            self.hands.say("end the session")
            self.window.close_without_asking()
        elif ways < _CLOSES and not QApplication.activeModalWidget():
            self.hands.say("close the window")
            self.window.close()
        elif self.window.isEnabled():
            self.hands.act()
        else:
            self.hands.say("wait: the window closes")

    def end(self) -> None:
        """Close the window, step by step, and whatever stands above it."""
        if not self.hands.dismiss() and self.window.isEnabled():
            self.hands.say("close the window at the end")
            self.window.close()

    def is_over(self) -> bool:
        """Whether the window is closed."""
        return not self.window.isVisible() and self.window.controller.is_closed()


def _above() -> QWidget | None:
    return QApplication.activePopupWidget() or QApplication.activeModalWidget()


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
