"""The executor of a Slurm cluster: one long job for each worker, submitted by submitit.

What a job did is told by the study's folder, and whether it still is one by `squeue`. Slurm's
accounting is not asked, for many clusters have none. Jobs outlive whoever submitted them; who
carries out the study again finds those that are still there.
"""

import json
import os
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

from engine.errors import BadInput
from engine.io.files import not_written
from engine.studies.executors.protocol import (
    Ended,
    how_ended,
    program_places,
    worker_command,
)
from engine.studies.executors.slurm_job import STOPPED, SlurmJob, end_of, log_of
from engine.studies.work_folder import WorkFolder

_SUBMITTED = "_submitted.pkl"  # what submitit keeps of each job begins with its number
_SECONDS_BETWEEN_QUESTIONS = 10.0  # a controller serves a whole cluster
_SECONDS_TO_STOP = 120.0
# One job is one worker.
_NOT_FREE = frozenset(
    ("array", "array_parallelism", "nodes", "ntasks", "ntasks_per_node", "use_srun")
)
_LISTS = frozenset(("setup", "teardown", "srun_args"))


def slurm_options(words: Sequence[str]) -> dict[str, Any]:
    """Return options of jobs, as submitit takes them, from words such as "partition=gpu".

    A word without a value is a flag. What submitit does not know goes to sbatch as it is. "setup"
    and "teardown" are commands to run before and after, and may be repeated.

    Raises
    ------
    BadInput
        If one is twice there, or says how many workers a job is to have; or submitit is missing.
    """
    if find_spec("submitit") is None:
        raise BadInput("Slurm needs submitit; install it with: pip install 'leo-studio[slurm]'")
    from submitit.slurm.slurm import SlurmExecutor as Submitter

    known = Submitter._valid_parameters()
    # No limit but the partition's own, where submitit has five minutes; and no word of submitit.
    options: dict[str, Any] = {"job_name": "leo-studio", "time": None, "wckey": None}
    more: dict[str, Any] = {}
    given: set[str] = set()
    for word in words:
        key, equals, value = word.partition("=")
        name = key.strip().lstrip("-").replace("-", "_")
        if name in _LISTS:
            options.setdefault(name, []).append(value)
            continue
        if not name:
            raise BadInput(f'--slurm "{word}" names no option; write it like partition=gpu.')
        if name in _NOT_FREE:
            raise BadInput(f"--slurm {word}: a job is one worker; --at-once says how many jobs.")
        if name in given:
            raise BadInput(f"--slurm has {name} twice; give it once.")
        given.add(name)
        (options if name in known else more)[name] = value if equals else True
    return options | {"additional_parameters": more}


class SlurmExecutor:
    """Workers as jobs of a Slurm cluster; see `Executor`.

    Parameters
    ----------
    folder
        The study's folder, on a file system that all nodes see.
    library
        The library's folder, on one as well.
    device
        Where they train.
    options
        Of the jobs; see `slurm_options`.
    seconds_between_questions
        How often Slurm is asked, at most, which jobs there are.

    Raises
    ------
    BadInput
        If this machine has no Slurm, or Slurm does not answer.
    """

    def __init__(
        self,
        folder: WorkFolder,
        library: Path,
        device: str,
        options: Mapping[str, Any],
        seconds_between_questions: float = _SECONDS_BETWEEN_QUESTIONS,
    ) -> None:
        self._folder = folder.workers.absolute() / "slurm"
        self._command = tuple(worker_command(folder.path, library, device))
        self._options = dict(options)
        self._seconds = seconds_between_questions
        self._asked_at = time.monotonic()
        listed = _listed_jobs()
        if isinstance(listed, str):
            raise BadInput(f"{listed}; give this command where sbatch works, or take --on local.")
        there = {path.name.removesuffix(_SUBMITTED) for path in self._folder.glob(f"*{_SUBMITTED}")}
        # To each job, how often in a row Slurm was asked and did not name it.
        self._jobs = {job: 0 for job in sorted(there & listed) if not self._has_found_an_end(job)}

    def start(self) -> None:
        """Submit one more job; see `Executor`."""
        from submitit.core.utils import FailedJobError, FailedSubmissionError
        from submitit.slurm.slurm import SlurmExecutor as Submitter

        places = f"export PYTHONPATH={shlex.quote(program_places())}"
        options = self._options | {"setup": [*self._options.get("setup", []), places]}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            submitter = Submitter(folder=self._folder)
            submitter.update_parameters(**options)
            with redirect_stderr(StringIO()):  # it prints sbatch's words, and raises them too
                job = submitter.submit(SlurmJob(self._command, self._folder))
        except OSError as error:
            raise not_written(self._folder, error) from error
        except (FailedJobError, FailedSubmissionError) as error:
            why = _last_line(str(error))
            raise BadInput(f"Slurm refuses the job ({why}); see --slurm.") from None
        self._jobs[str(job.job_id)] = 0

    def ended(self) -> list[Ended]:
        """Return how workers ended; see `Executor`."""
        self._ask()
        found: list[Ended] = []
        for job, unseen in list(self._jobs.items()):
            # A job that was told to end may be in the queue again, or on its way there. One that is
            # seen no more may have written its last word, which a network shows a moment later.
            if self._has_found_an_end(job) or unseen > 1:
                del self._jobs[job]
                found.append(self._how(job))
        return found

    @property
    def count(self) -> int:
        """How many workers there are, those in the queue among them; see `Executor`."""
        return len(self._jobs)

    def stop(self) -> None:
        """Cancel all jobs, and wait for them; see `Executor`."""
        if not self._jobs:
            return
        subprocess.run(("scancel", *self._jobs), check=False, capture_output=True)
        end = time.monotonic() + _SECONDS_TO_STOP
        while time.monotonic() < end and not self._are_gone():
            time.sleep(min(self._seconds, 1.0))
        self._jobs = {}

    def _ask(self) -> None:
        """Ask Slurm which jobs there are, unless it was asked a moment ago."""
        if time.monotonic() - self._asked_at < self._seconds:
            return
        listed = _listed_jobs()
        self._asked_at = time.monotonic()
        if isinstance(listed, str):  # a controller that is being restarted does not answer
            return
        for job, unseen in self._jobs.items():
            self._jobs[job] = 0 if job in listed else unseen + 1

    def _status(self, job: str) -> int | None:
        """Return the exit status of a job's worker; None where nobody wrote it."""
        try:
            return int(json.loads(end_of(self._folder, job).read_text(encoding="utf-8"))["status"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _has_found_an_end(self, job: str) -> bool:
        """Whether a job's worker ended by itself, and not because it was told to."""
        return self._status(job) not in (None, *STOPPED)

    def _how(self, job: str) -> Ended:
        status, log = self._status(job), log_of(self._folder, job)
        if status is not None:
            return how_ended(status, log)
        return Ended(
            True,
            f"Slurm job {job} is gone without a word (it was cancelled, or its node failed), and "
            f"another goes on; see {log}.",
        )

    def _are_gone(self) -> bool:
        listed = _listed_jobs()
        return not isinstance(listed, str) and not listed & self._jobs.keys()


def _listed_jobs() -> set[str] | str:
    """Return the user's jobs that wait or run; or, in words, why Slurm does not say."""
    # People have settings of their own for squeue, which leave jobs out.
    environment = {key: value for key, value in os.environ.items() if key[:7] != "SQUEUE_"}
    command = ("squeue", "--noheader", "--me", "--format=%i")
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    except FileNotFoundError:
        return "This machine is no part of a Slurm cluster (there is no squeue)"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"Slurm does not answer ({error})"
    if asked.returncode:
        return f"Slurm does not answer ({_last_line(asked.stderr)})"
    return set(asked.stdout.split())


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it does not say why"])[-1].strip()
