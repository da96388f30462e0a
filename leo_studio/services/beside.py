"""Runs of the queue that train beside the first one, each in a process of its own."""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.session.session import Job, NewRun
from leo_studio.services.background import Task
from leo_studio.services.inspection_requests import Start
from leo_studio.services.own_process import own_command
from leo_studio.services.records import Notice

_MILLISECONDS: Final = 500  # between looks
_LOOKS_BETWEEN_READS: Final = 4  # runs are read again every so many looks
_SECONDS_TO_STOP: Final = 60.0  # a checkpoint on a slow disk
_LONGEST: Final = 10_000  # characters of what a process says, from its end on


class _Trained(NamedTuple):
    """A run that trains beside."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]


class RunsBeside(QObject):
    """Trains what waits while another run trains, as far as so many may train at once.

    Each is `leo-studio resume` of a run that was made here: an ordinary run, which goes on where
    this program is killed, and keeps a checkpoint where it is told to stop.

    Parameters
    ----------
    library
        Where runs are made.
    start
        How work in the background is started.
    take
        Returns what waits next and takes it out of the queue; None where nothing waits for another.
    read
        Reads the runs again.
    tell, fail
        Get what a person is to know.
    """

    changed = Signal()  # which runs train beside

    def __init__(
        self,
        library: Library,
        start: Start,
        take: Callable[[], Job | None],
        read: Callable[[], None],
        tell: Callable[[Notice], object],
        fail: Callable[[BaseException, str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.at_once = 1  # with the one that trains here
        self._library = library
        self._start = start
        self._take = take
        self._read = read
        self._tell = tell
        self._fail = fail
        self._beginning: list[Task] = []
        self._trained: dict[Path, _Trained] = {}
        self._is_closing = False
        self._looks = 0
        self._timer = QTimer(self, interval=_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def runs(self) -> tuple[Path, ...]:
        """Folders of the runs that train beside, the oldest first."""
        return tuple(self._trained)

    def stop(self, run: Path) -> None:
        """Stop a run that trains beside; it keeps a checkpoint."""
        if run in self._trained:
            self._trained[run].process.terminate()

    def close(self) -> None:
        """Begin nothing more, and ask all to end; see `is_closed`."""
        self._is_closing = True
        for run in self._trained:
            self.stop(run)

    def is_closed(self) -> bool:
        """Whether all have ended since `close`."""
        self._drop_ended()
        return not self._trained

    def end(self) -> None:
        """Close, and wait until all have ended; one that does not is killed."""
        self.close()
        self._timer.stop()
        for each in self._trained.values():
            try:
                each.process.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                each.process.kill()
                each.process.wait()
        self._drop_ended()

    def _look(self) -> None:
        self._drop_ended()
        while self._has_room() and (job := self._take()) is not None:
            self._begin(job)
        self._looks += 1
        if self._trained and self._looks % _LOOKS_BETWEEN_READS == 0:
            self._read()

    def _has_room(self) -> bool:
        # The one that trains here is one of them.
        others = len(self._trained) + len(self._beginning)
        return not self._is_closing and 1 + others < self.at_once

    def _begin(self, job: Job) -> None:
        """Make the run, which may take a while, and start its process."""

        def work(task: Task) -> tuple[Path, tuple[str, ...]]:
            if not isinstance(job, NewRun):
                return job.path, () if job.steps is None else ("--steps", str(job.steps))
            prepared = new_run(
                self._library, job.experiment, progress=task.report, preset=job.preset
            )
            return prepared.run.path, ()

        def then(found: tuple[Path, tuple[str, ...]]) -> None:
            self._beginning.remove(task)
            run, options = found
            if not self._is_closing:
                self._train(run, options)
            self._read()

        def failed(error: BaseException) -> None:
            self._beginning.remove(task)
            name = job.experiment.name if isinstance(job, NewRun) else job.path.name
            self._fail(error, name)

        task = self._start("Preparing a run", work, then, is_shown=False, failed=failed)
        self._beginning.append(task)

    def _train(self, run: Path, options: tuple[str, ...]) -> None:
        output = tempfile.TemporaryFile()  # noqa: SIM115  # closed once the process has ended
        # A session of its own: Ctrl+C in the terminal is passed on by `close`, once.
        process = subprocess.Popen(
            own_command("resume", str(run), *options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )
        self._trained[run] = _Trained(process, output)
        self.changed.emit()

    def _drop_ended(self) -> None:
        ended = {
            run: each for run, each in self._trained.items() if each.process.poll() is not None
        }
        for run, each in ended.items():
            del self._trained[run]
            with each.output:
                self._tell_end(run, each)
        if ended:
            self.changed.emit()
            self._read()

    def _tell_end(self, run: Path, trained: _Trained) -> None:
        code = trained.process.returncode
        if code == 0:
            self._tell(Notice("success", f"{run.name} has ended.", about=str(run)))
        elif code > 0 and not self._is_closing and code < 128:  # else a signal has ended it
            trained.output.seek(max(0, trained.output.seek(0, 2) - _LONGEST))
            said = trained.output.read().decode(errors="replace").strip()
            text = f"{run.name} could not be trained: {said.splitlines()[-1] if said else code}"
            self._tell(Notice("error", text, said, about=str(run)))
