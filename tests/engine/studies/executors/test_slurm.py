"""Options of Slurm's jobs; the jobs themselves are in tests/cluster."""

import pytest

from engine.errors import BadInput
from engine.studies.executors.slurm import slurm_options


def test_options_that_submitit_does_not_know_go_to_sbatch_as_they_are() -> None:
    words = ["partition=gpu", "--time=1-00:00:00", "gres=gpu:1", "mem-per-cpu=4G"]
    words += ["begin=now+1hour", "exclusive", "setup=module load cuda", "setup=export A=b=c"]
    options = slurm_options(words)
    assert options["partition"] == "gpu"
    assert options["time"] == "1-00:00:00"
    assert options["gres"] == "gpu:1"
    assert options["mem_per_cpu"] == "4G"
    assert options["exclusive"] is True
    assert options["setup"] == ["module load cuda", "export A=b=c"]
    assert options["additional_parameters"] == {"begin": "now+1hour"}


def test_without_options_the_clusters_own_limit_holds() -> None:
    assert slurm_options([])["time"] is None  # submitit by itself ends jobs after five minutes


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["partition=a", "partition=b"], "--slurm has partition twice"),
        (["ntasks=4"], "--slurm ntasks=4: a job is one worker; --at-once says how many jobs"),
        (["=4"], '--slurm "=4" names no option'),
    ],
)
def test_mistakes_are_named(words: list[str], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        slurm_options(words)
