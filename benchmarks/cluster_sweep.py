"""A sweep on a cluster of two nodes, one of which dies, beside the same sweep on this machine.

    python -m benchmarks.cluster_sweep slurm [--trials 48] [--steps 120]
    python -m benchmarks.cluster_sweep ray

The cluster is a real one of its own on this machine (`tests.cluster.slurm`, Ray's `cluster_utils`).
As soon as a third of the trials have ended, a node dies with all its processes, and comes back some
seconds later. Then every trial must have ended as in the undisturbed sweep.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.killed_sweep import Disturber, Killer, carry_out, compare, sweep_of
from engine.runs.library import Library
from engine.studies.executors import Executor, LocalExecutor
from engine.studies.standing import Standing
from engine.studies.sweeps.requirements import require_sweepable
from engine.studies.sweeps.trials import SweepFolder, Trial

SECONDS_AWAY = 10.0
STORE_BYTES = 80 * 2**20


class DeadNode:
    """Kills a node once, and brings it back.

    Parameters
    ----------
    kill, bring_back
        Do so.
    ended
        After so many trials.
    """

    def __init__(
        self, kill: Callable[[], object], bring_back: Callable[[], object], ended: int
    ) -> None:
        self._kill, self._bring_back, self._ended = kill, bring_back, ended
        self._back_at: float | None = None
        self.kills = 0

    def look(self, standings: list[Trial | Standing]) -> None:
        """Kill the node, if it is time and runs are under way; bring it back, if it is time."""
        trains = any(not each.is_over and each.record is not None for each in standings)
        if not self.kills and trains and sum(each.is_over for each in standings) >= self._ended:
            self._kill()
            self.kills += 1
            self._back_at = time.monotonic() + SECONDS_AWAY
        if self._back_at is not None and time.monotonic() > self._back_at:
            self._bring_back()
            self._back_at = None


@contextmanager
def on_slurm(folder: SweepFolder, library: Library, ended: int) -> Iterator[tuple[Executor, Any]]:
    """Give jobs of a Slurm, and what kills one of its nodes."""
    from engine.studies.executors.slurm import SlurmExecutor, slurm_options
    from tests.cluster.slurm import running_slurm

    with running_slurm() as slurm:
        os.environ["SLURM_CONF"] = str(slurm.configuration)
        executor = SlurmExecutor(folder, library.root, "cpu", slurm_options([]))
        yield (
            executor,
            DeadNode(lambda: slurm.kill_node("n2"), lambda: slurm.start_node("n2"), ended),
        )


@contextmanager
def on_ray(folder: SweepFolder, library: Library, ended: int) -> Iterator[tuple[Executor, Any]]:
    """Give actors of a Ray cluster, and what kills one of its nodes."""
    import ray
    from ray.cluster_utils import Cluster

    from engine.studies.executors.ray import RayExecutor

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(2):
        cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)

    def kill() -> None:
        cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)

    try:
        executor = RayExecutor(folder, library.root, "cpu", cluster.address)
        yield (
            executor,
            DeadNode(
                kill,
                lambda: cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES),
                ended,
            ),
        )
    finally:
        ray.shutdown()
        cluster.shutdown()


def main() -> None:
    """Read the command line, carry both sweeps out, and compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("on", choices=("slurm", "ray"))
    parser.add_argument("--trials", type=int, default=48)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--final-seeds", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        library = Library(Path(place) / "library")
        sweep = sweep_of(library, chosen.trials, chosen.steps, chosen.final_seeds)
        require_sweepable(library, sweep)
        local, there = SweepFolder(Path(place) / "local"), SweepFolder(Path(place) / chosen.on)
        begin = on_slurm if chosen.on == "slurm" else on_ray
        executor, killer = stack.enter_context(begin(there, library, chosen.trials // 3))
        disturber: Disturber = killer
        disturbed = carry_out(sweep, there, executor, 2, disturber)
        mine = LocalExecutor(local, library.root, "cpu")
        compare(carry_out(sweep, local, mine, 2, Killer(0.0)), disturbed)


if __name__ == "__main__":
    main()
