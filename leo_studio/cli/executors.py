"""Options of commands that carry out many runs: on this machine, or on a cluster."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from engine.errors import BadInput

if TYPE_CHECKING:
    from engine.runs.library import Library
    from engine.studies.executors import Executor
    from engine.studies.work_folder import WorkFolder

OnOption = Annotated[
    str, typer.Option("--on", metavar="local|slurm|ray", help="Where runs are carried out.")
]
SlurmOption = Annotated[
    list[str] | None,
    typer.Option(
        "--slurm",
        metavar="KEY=VALUE",
        help="An option of Slurm's jobs: partition=gpu, account=me, gres=gpu:1, time=60, or any "
        "other that sbatch knows; repeatable.",
    ),
]
RayOption = Annotated[
    str | None,
    typer.Option("--ray", metavar="ADDRESS", help="A Ray cluster; the one at hand by default."),
]
AtOnceOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="How many runs at once; by default one for each core. Of Slurm, how many jobs.",
    ),
]


class Where(NamedTuple):
    """Where runs are carried out, as far as the command line says."""

    on: str
    at_once: int | None
    slurm: Sequence[str]
    ray: str | None

    def require_sense(self) -> None:
        """Raise `BadInput` where options do not fit together."""
        if self.on not in ("local", "slurm", "ray"):
            raise BadInput(f"--on {self.on}: there are local, slurm and ray.")
        if self.slurm and self.on != "slurm":
            raise BadInput("--slurm is of Slurm's jobs alone; add --on slurm.")
        if self.ray is not None and self.on != "ray":
            raise BadInput("--ray is the address of a Ray cluster; add --on ray.")
        if self.on == "slurm" and self.at_once is None:
            raise BadInput("Say with --at-once how many jobs Slurm is to have at once.")

    def likely_workers(self, device: str) -> int:
        """Return how many workers there will be, as far as is known before anything is started."""
        if self.at_once is not None:
            return self.at_once
        from engine.studies.executors.local import usual_workers

        return usual_workers(device) if self.on == "local" else 1

    def executor(
        self, folder: "WorkFolder", library: "Library", device: str
    ) -> tuple["Executor", int]:
        """Return who carries out the study or sweep of a folder, and by how many workers at once.

        Raises
        ------
        BadInput
            If an extra is missing, or there is no such cluster.
        """
        if self.on == "slurm":
            from engine.studies.executors.slurm import SlurmExecutor, slurm_options

            options = slurm_options(self.slurm)
            return SlurmExecutor(folder, library.root, device, options), self.at_once or 1
        if self.on == "ray":
            from engine.studies.executors.ray import RayExecutor

            cluster = RayExecutor(folder, library.root, device, self.ray)
            return cluster, self.at_once or cluster.places
        from engine.studies.executors.local import LocalExecutor, usual_workers

        return LocalExecutor(folder, library.root, device), self.at_once or usual_workers(device)
