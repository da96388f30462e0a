"""Studies on a real Slurm of two nodes, whose jobs are killed, preempted and out of time."""

from collections.abc import Iterator

import pytest

from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.run import Run
from engine.studies.carrying_out import Overseer
from engine.studies.executors.slurm import SlurmExecutor, slurm_options
from engine.studies.standing import Standing
from tests.cluster.conftest import STEPS, carry_out, measured, once
from tests.cluster.slurm import Slurm, running_slurm, wait_for, why_no_slurm
from tests.command_line import Cli, cli

__all__ = ["cli"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_no_slurm()), reason=f"No Slurm here: {why_no_slurm()}"),
]
Accuracies = dict[str, list[float]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Slurm]:
    with running_slurm() as slurm:
        yield slurm


@pytest.fixture
def slurm(cluster: Slurm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slurm]:
    """The cluster, two nodes of it idle, which this test's commands ask."""
    monkeypatch.setenv("SLURM_CONF", str(cluster.configuration))
    yield cluster
    cluster.cancel_all()


def executor_of(overseer: Overseer, library: Library, *options: str) -> SlurmExecutor:
    return SlurmExecutor(overseer.folder, library.root, "cpu", slurm_options(options), 0.5)


def logs(overseer: Overseer) -> dict[str, str]:
    """Return what the workers of jobs printed, by job."""
    return {path.stem: path.read_text() for path in overseer.folder.workers.glob("slurm/*.log")}


def job_of(overseer: Overseer, standing: Standing) -> str:
    """Return the job that carries out a cell."""
    line = f"{standing.cell.name}: begins"
    (job,) = (job for job, text in logs(overseer).items() if line in text)
    return job


def test_two_nodes_measure_what_one_machine_does(
    slurm: Slurm,
    overseer: Overseer,
    library: Library,
    accuracies: Accuracies,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = overseer.folder
    folder.path.mkdir()
    folder.file.write_text(overseer.study.to_yaml())
    executor_of(overseer, library).start()  # by somebody who is gone by now
    study = ["study", str(folder.file), "--folder", str(folder.path)]
    options = [f"--slurm={word}" for word in ("partition=main", "time=10", "nice=1")]
    outcome = cli(*study, "--on", "slurm", "--at-once", "2", *options)
    assert (outcome.status, "Not every run" in outcome.out) == (0, False)
    assert "1 of its workers are there already." in outcome.err
    assert measured(overseer) == accuracies
    nodes = [text.splitlines()[0].rpartition(" ")[2] for text in logs(overseer).values()]
    assert sorted(nodes) == ["n1", "n2"]

    # A laptop that sees the folder, and has no Slurm, has the table.
    with monkeypatch.context() as laptop:
        laptop.setenv("PATH", "")
        assert "Not every run" not in cli(*study, "--table").out


def test_a_cancelled_job_leaves_its_run_to_another_one(
    slurm: Slurm, overseer: Overseer, library: Library, accuracies: Accuracies
) -> None:
    cancel = once(lambda each: slurm.run("scancel", job_of(overseer, each)))
    (sentence,) = carry_out(overseer, executor_of(overseer, library), cancel)
    assert "ed by SIGTERM, and another goes on; see " in sentence
    assert measured(overseer) == accuracies
    assert len(logs(overseer)) == 3


def test_a_dead_node_leaves_its_run_to_another_one(
    slurm: Slurm, overseer: Overseer, library: Library, accuracies: Accuracies
) -> None:
    killed: list[str] = []

    def kill(standing: Standing) -> None:
        (node,) = slurm.run("squeue", "-h", "-j", job_of(overseer, standing), "-o", "%N").split()
        slurm.kill_node(node)
        killed.append(node)

    try:
        carry_out(overseer, executor_of(overseer, library), once(kill))
    finally:
        for node in killed:
            slurm.start_node(node)
    assert measured(overseer) == accuracies
    begun = "".join(logs(overseer).values()).count(" begins on ")
    assert begun == 3  # in a job of its own, or in the same one that Slurm put back


def test_jobs_that_are_out_of_time_or_preempted_go_on_afterwards(
    slurm: Slurm, overseer: Overseer, library: Library, accuracies: Accuracies
) -> None:
    stopped: list[Run] = []

    def take_back(standing: Standing) -> None:
        # What sbatch --signal=USR2@90 lets Slurm send before the time is up.
        job = job_of(overseer, standing)
        slurm.run("scancel", "--signal=USR2", job)
        assert standing.run is not None
        run = Run(standing.run)
        wait_for(lambda: Run(run.path).status == "stopped", "a run that stopped")
        run.reread()
        assert 0 < run.checkpoints[-1].step == run.record.step < STEPS
        stopped.append(run)
        state = ("squeue", "--noheader", "--jobs", job, "--format=%T")
        wait_for(lambda: "PENDING" in slurm.run(*state), "a job that is in the queue again")
        # More urgent than the other job, which has to go.
        urgent = ("sbatch", "--partition=urgent", "--nodes=2", "--output=/dev/null")
        slurm.run(*urgent, "--wrap", "sleep 1")

    executor = executor_of(overseer, library, "partition=main")
    said = carry_out(overseer, executor, once(take_back))
    assert (said, len(stopped)) == ([], 1)
    assert measured(overseer) == accuracies
    assert [text.count(" begins on ") for text in logs(overseer).values()] == [2, 2]


def test_what_slurm_refuses_is_said(slurm: Slurm, overseer: Overseer, library: Library) -> None:
    executor = executor_of(overseer, library, "partition=gone")
    with pytest.raises(BadInput, match=r"Slurm refuses the job \(.*Invalid partition"):
        carry_out(overseer, executor)


def test_a_machine_without_slurm_is_told_so(
    overseer: Overseer, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadInput, match=r"no part of a Slurm cluster .*take --on local"):
        executor_of(overseer, library)
