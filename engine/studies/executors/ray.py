"""The executor of a Ray cluster that is there already: an actor for each worker.

An actor starts the same process as on one machine, and says how it ended; Ray restarts nothing.
Ray is large, and imported in this file alone.
"""

import os
import socket
import subprocess
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.errors import BadInput
from engine.studies.executors.protocol import (
    Ended,
    how_ended,
    program_places,
    worker_command,
)
from engine.studies.work_folder import WorkFolder

_SECONDS_TO_BE_TOLD = 5.0  # an actor that does not answer by then was not begun, or is lost
_SECONDS_TO_STOP = 60.0


class RayExecutor:
    """Workers on the nodes of a Ray cluster; see `Executor`.

    Parameters
    ----------
    folder
        The study's folder, where all nodes see it.
    library
        The library's folder, likewise.
    device
        Where they train; "cuda" asks for a GPU for each.
    address
        The cluster's, such as "10.0.0.1:6379"; by default RAY_ADDRESS, or the one of this machine.

    Raises
    ------
    BadInput
        If Ray is missing, or there is no such cluster.
    """

    def __init__(
        self, folder: WorkFolder, library: Path, device: str, address: str | None = None
    ) -> None:
        if find_spec("ray") is None:
            raise BadInput("Ray is not installed; install it with: pip install 'leo-studio[ray]'")
        import ray

        self._ray: Any = ray
        self._folder = folder.workers.absolute()
        self._command = worker_command(folder.path, library, device)
        where = address or os.environ.get("RAY_ADDRESS") or "auto"
        try:
            _require_answer(where)
            ray.init(where, ignore_reinit_error=True, log_to_driver=False, logging_level="error")
        except (OSError, ValueError, RuntimeError) as error:
            raise BadInput(f"There is no Ray cluster at {where} ({error}).") from None
        self._kind = "GPU" if device.startswith("cuda") else "CPU"
        self._actor = ray.remote(_actor_class())
        # What each worker's end will be told by, its actor, and what it prints.
        self._workers: dict[Any, tuple[Any, Path]] = {}
        self._started = 0

    @property
    def places(self) -> int:
        """How many workers the cluster has room for, at least 1."""
        return max(int(self._ray.cluster_resources().get(self._kind, 0)), 1)

    def start(self) -> None:
        """Start one more worker, as soon as there is room; see `Executor`."""
        self._started += 1
        log = self._folder / f"ray-{os.getpid()}-{self._started}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        # Two threads: one waits for the process, and the other can be told to end it.
        gpus = int(self._kind == "GPU")
        actor = self._actor.options(num_cpus=1, num_gpus=gpus, max_concurrency=2).remote()
        told = actor.work.remote(self._command, str(log), program_places())
        self._workers[told] = (actor, log)

    def ended(self) -> list[Ended]:
        """Return how workers ended; see `Executor`."""
        return [self._how(told) for told in self._there(list(self._workers), seconds=0)]

    @property
    def count(self) -> int:
        """How many workers there are, those that wait for room among them; see `Executor`."""
        return len(self._workers)

    def stop(self) -> None:
        """Ask all workers to end, and wait for them; see `Executor`."""
        asked = {actor.stop.remote(): told for told, (actor, _) in self._workers.items()}
        begun = self._there(list(asked), _SECONDS_TO_BE_TOLD)
        self._there([asked[each] for each in begun], _SECONDS_TO_STOP)
        for actor, _ in self._workers.values():
            self._ray.kill(actor)
        self._workers = {}

    def _there(self, answers: list[Any], seconds: float) -> list[Any]:
        """Return those answers that are there, or come within some seconds."""
        if not answers:
            return []
        return list(self._ray.wait(answers, num_returns=len(answers), timeout=seconds)[0])

    def _how(self, told: Any) -> Ended:
        """Say how a worker ended, and forget it."""
        actor, log = self._workers.pop(told)
        try:
            return how_ended(self._ray.get(told), log)
        except self._ray.exceptions.RayError as error:
            what = f"A worker is lost ({type(error).__name__})"
            return Ended(True, f"{what}, and another goes on; see {log}.")
        finally:
            with suppress(self._ray.exceptions.RayError):
                self._ray.kill(actor)


def _require_answer(address: str) -> None:
    """Raise `OSError` where nobody answers at an address; Ray itself tries for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host, int(port)), _SECONDS_TO_BE_TOLD).close()


def _actor_class() -> type:
    """Return the class of the actors, which goes to the nodes by value: they need not know it."""

    class Place:
        """A worker's process on a node."""

        def __init__(self) -> None:
            self._is_stopped = threading.Event()

        def work(self, command: list[str], log: str, places: str) -> int:
            """Let a worker work, and return its exit status."""
            own = os.environ | {"PYTHONPATH": places}
            with Path(log).open("ab") as output:
                worker = subprocess.Popen(command, stdout=output, stderr=output, env=own)
            while (status := worker.poll()) is None:
                if self._is_stopped.wait(0.2):
                    worker.terminate()
                    return worker.wait()
            return status

        def stop(self) -> None:
            """Ask the worker to end."""
            self._is_stopped.set()

    return Place
