"""A real Slurm on this machine, of one controller and two nodes, for tests and trials.

    python -m tests.cluster.slurm bash      # a shell in which sbatch, squeue and scancel work

It lives in a folder of its own, nothing under /etc is read or changed, its ports are free ones, and
it ends with the command. It takes the packages slurm-wlm and munge, and root, who alone may start
jobs as other users.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

NODES = ("n1", "n2")
_PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "srun")
_MARK = "LEO_STUDIO_TEST_NODE"  # in the environment of a node's daemon, and so in its children's
_PATIENCE_SECONDS = 60.0
_CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
# How soon a job that went back into the queue may begin again.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
# How soon a node that says nothing is taken for dead.
SlurmdTimeout=5
KillWait=10
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
MpiDefault=none
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 RealMemory=1000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 RealMemory=1000
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=60 State=UP PriorityTier=1
PartitionName=urgent Nodes=n1,n2 MaxTime=60 State=UP PriorityTier=2 PreemptMode=OFF
"""


def why_no_slurm() -> str:
    """Say why there can be no Slurm on this machine; "" where there can."""
    if sys.platform != "linux":
        return "Slurm runs on Linux"
    if missing := [name for name in _PROGRAMS if _program(name) is None]:
        return f"no {', '.join(missing)}: apt-get install slurm-wlm munge"
    return "" if os.getuid() == 0 else "a Slurm of one's own takes root"


@dataclass(slots=True)
class Slurm:
    """A Slurm that runs: its folder, and its daemons by name."""

    folder: Path
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def configuration(self) -> Path:
        """Return what SLURM_CONF has to name."""
        return self.folder / "slurm.conf"

    def run(self, *command: str) -> str:
        """Run a command of Slurm's, and return what it printed."""
        program = _program(command[0]) or command[0]
        environment = os.environ | {"SLURM_CONF": str(self.configuration)}
        return subprocess.run(
            (program, *command[1:]),
            env=environment,
            check=True,
            text=True,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
        ).stdout

    def states(self) -> dict[str, str]:
        """Return the state of each node, such as "idle"; none where nobody answers."""
        with suppress(subprocess.SubprocessError):
            lines = self.run("sinfo", "--noheader", "--Node", "--format=%N %t", "-p", "main")
            return dict(line.split() for line in lines.splitlines())
        return {}

    def start_node(self, node: str) -> None:
        """Start a node's daemon."""
        self._start(node, "slurmd", "-D", "-N", node, **{_MARK: f"{self.folder}/{node}"})

    def kill_node(self, node: str) -> None:
        """End a node as a power cut does: its daemon and all processes of its jobs at once."""
        for process_id in self._processes(node):
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        self.daemons.pop(node).wait()

    def cancel_all(self) -> None:
        """Cancel all jobs, and wait until both nodes are idle."""
        self.run("scancel", "--user=root")
        wait_for(self._is_idle, "two idle nodes")

    def begin(self) -> None:
        """Start all daemons, and wait until the nodes are idle."""
        host, ports = socket.gethostname(), _free_ports(3)
        values = {"host": host, "ports": ports, "user": "root", "folder": self.folder}
        self.configuration.write_text(_CONFIGURATION.format(**values))
        (self.folder / "state").mkdir()
        key = self.folder / "munge.key"
        key.touch(0o600)
        key.write_bytes(secrets.token_bytes(1024))
        files = ("socket", "key-file", "log-file", "pid-file", "seed-file")
        places = {name: f"{self.folder}/munge.{name.removesuffix('-file')}" for name in files}
        self._start("munge", "munged", "-F", *(f"--{name}={path}" for name, path in places.items()))
        wait_for(Path(places["socket"]).exists, "munge's socket")
        self._start("controller", "slurmctld", "-D")
        for node in NODES:
            self.start_node(node)
        wait_for(self._is_idle, "two idle nodes")

    def end(self) -> None:
        """End all daemons, and whatever their jobs have started."""
        for node in NODES:
            for process_id in self._processes(node):
                with suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)
        for daemon in reversed(self.daemons.values()):
            daemon.kill()
            daemon.wait()

    def _is_idle(self) -> bool:
        return self.states() == dict.fromkeys(NODES, "idle")

    def _start(self, name: str, program: str, *words: str, **environment: str) -> None:
        own = os.environ | {"SLURM_CONF": str(self.configuration)} | environment
        path = _program(program)
        assert path is not None
        with (self.folder / f"{name}.out").open("ab") as output:
            self.daemons[name] = subprocess.Popen(
                (path, *words),
                env=own,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl+C is for the tests
                preexec_fn=_die_with_parent,
            )

    def _processes(self, node: str) -> set[int]:
        """Return a node's processes: its daemons, known by their mark, and their children."""
        mark, parents = f"{_MARK}={self.folder}/{node}\0".encode(), dict[int, int]()
        found: set[int] = set()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                process_id = int(folder.name)
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                parents[process_id] = int(status[1])
                if mark in (folder / "environ").read_bytes() + b"\0":
                    found.add(process_id)
        while children := {
            child for child, parent in parents.items() if parent in found and child not in found
        }:
            found |= children
        return found


@contextmanager
def running_slurm() -> Iterator[Slurm]:
    """Run a Slurm inside the block, in a folder that goes with it."""
    with ExitStack() as stack:
        # Not pytest's own folder: a socket's path may have a hundred letters only.
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="slurm-"))
        Path(place).chmod(0o755)  # munge wants that everybody may reach its socket
        slurm = Slurm(Path(place))
        stack.callback(slurm.end)
        slurm.begin()
        yield slurm


def wait_for(is_so: Callable[[], object], what: str, seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait until something holds; raises `TimeoutError` where it does not for long."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"There was no sign of {what} in {seconds:.0f} s.")
        time.sleep(0.1)


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _die_with_parent() -> None:
    """Let the system end a daemon with whoever started it, also where that is killed."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def main(words: Sequence[str]) -> int:
    """Run a command in a Slurm, and return its exit status."""
    if reason := why_no_slurm():
        print(f"There can be no Slurm here: {reason}", file=sys.stderr)
        return 2
    with running_slurm() as slurm:
        environment = os.environ | {"SLURM_CONF": str(slurm.configuration)}
        return subprocess.run(words or ["bash"], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
