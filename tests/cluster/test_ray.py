"""Studies on a Ray cluster of two nodes, one of which dies."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.run import Run
from engine.studies.carrying_out import Overseer, carried_out
from engine.studies.executors.ray import RayExecutor
from engine.studies.standing import Standing
from tests.cluster.conftest import carry_out, measured, once

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="no Ray here; see: make test-cluster"),
    # Its own, of sockets and files that it leaves open.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes of one core each, beside a head that works on nothing."""
    import ray
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": 80 * 2**20}
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **small}
    )
    for _ in range(2):
        cluster.add_node(num_cpus=1, **small)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def test_a_dead_node_leaves_its_run_to_another_one(
    cluster: Any, overseer: Overseer, library: Library, accuracies: dict[str, list[float]]
) -> None:
    executor = RayExecutor(overseer.folder, library.root, "cpu", cluster.address)
    assert executor.places == 2

    def kill(_: Standing) -> None:
        cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
        cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20)

    said = carry_out(overseer, executor, once(kill))
    assert len(said) == 1
    assert said[0].startswith("A worker is lost (Actor")
    assert measured(overseer) == accuracies
    assert len(list(overseer.folder.workers.glob("ray-*.log"))) == 3


def test_a_stopped_study_keeps_a_checkpoint_and_goes_on(
    cluster: Any, overseer: Overseer, library: Library, accuracies: dict[str, list[float]]
) -> None:
    executor = RayExecutor(overseer.folder, library.root, "cpu", cluster.address)
    # One more than there is room for.
    looks = carried_out(overseer, executor, 3, pytest.fail)
    stopped: list[Run] = []
    look = once(lambda each: stopped.append(Run(each.run)) if each.run else None)
    while not stopped:
        look(next(looks))
    looks.close()
    (run,) = stopped
    assert executor.count == 0
    run.reread()
    assert run.status == "stopped"
    assert run.checkpoints[-1].step == run.record.step > 0

    assert carry_out(overseer, executor) == []
    assert measured(overseer) == accuracies


def test_a_cluster_that_is_not_there_is_named(overseer: Overseer, library: Library) -> None:
    import ray

    ray.shutdown()
    with pytest.raises(BadInput, match=r"There is no Ray cluster at 127\.0\.0\.1:1 "):
        RayExecutor(overseer.folder, library.root, "cpu", "127.0.0.1:1")
