from pathlib import Path

import pytest

from engine.io import memory
from engine.io.memory import available_memory, give_back_mapped, map_file, mapped_memory

pytestmark = pytest.mark.skipif("sys.platform == 'win32'")

GIB = 2**30


def machine(root: Path, free: int, group: str = "") -> Path:
    """Write what a machine with so much free memory says, of a process in a control group."""
    write(root / "proc/meminfo", f"MemTotal: 99 kB\nMemAvailable: {free // 1024} kB\nSwap: x kB\n")
    write(root / "proc/self/cgroup", group)
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")


def group_of(folder: Path, limit: str, used: int, files: int) -> None:
    write(folder / "memory.max", f"{limit}\n")
    write(folder / "memory.current", f"{used}\n")
    write(folder / "memory.stat", f"anon 5\ninactive_file {files}\nactive_file {files}\n")


def test_this_machine_has_some() -> None:
    free = available_memory()
    assert free is not None
    assert 2**20 < free < 2**50
    mapped = mapped_memory()
    assert mapped is None or mapped > 2**20


def test_memory_is_what_the_machine_says(tmp_path: Path) -> None:
    assert available_memory(machine(tmp_path, 3 * GIB)) == 3 * GIB


def test_the_tightest_group_counts_and_what_files_take_is_free(tmp_path: Path) -> None:
    root = machine(tmp_path, 3 * GIB, "0::/jobs/one\n")
    groups = root / "sys/fs/cgroup"
    group_of(groups / "jobs/one", "max", 2 * GIB, 0)
    assert available_memory(root) == 3 * GIB
    group_of(groups / "jobs", str(2 * GIB), GIB, 2**20)
    assert available_memory(root) == GIB + 2 * 2**20
    group_of(groups, str(GIB), 2 * GIB, 0)
    assert available_memory(root) == 0


def test_groups_of_the_first_version_count(tmp_path: Path) -> None:
    root = machine(tmp_path, 3 * GIB, "5:cpu:/x\n4:pids,memory:/of/outside\n")
    folder = root / "sys/fs/cgroup/memory"  # the path is that of outside of the container
    write(folder / "memory.limit_in_bytes", f"{2 * GIB}\n")
    write(folder / "memory.usage_in_bytes", f"{GIB}\n")
    write(folder / "memory.stat", "inactive_file 7\ntotal_inactive_file 1024\n")
    assert available_memory(root) == GIB + 1024
    write(folder / "memory.limit_in_bytes", "9223372036854771712\n")
    assert available_memory(root) == 3 * GIB


def test_a_system_that_says_nothing_has_what_is_built_in(tmp_path: Path) -> None:
    free = available_memory(tmp_path)
    assert free is not None
    assert free > 2**25


@pytest.mark.skipif("sys.platform != 'linux'")
def test_what_mapped_files_take_is_given_back_where_it_is_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 64 * 2**20
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(size)
    with path.open("rb") as file:
        mapping = map_file(file)
    assert mapping[:].count(0) == size  # all of it is read
    full = mapped_memory()
    assert full is not None
    # Libraries count too, and other tests have loaded some or many.
    monkeypatch.setattr(memory, "MOST_MAPPED", full + size)
    give_back_mapped()  # so little stays
    assert mapped_memory() == full
    monkeypatch.setattr(memory, "MOST_MAPPED", size // 2)
    give_back_mapped()
    assert full - (mapped_memory() or 0) > size // 2
    assert mapping[-1] == 0


@pytest.mark.parametrize(("free", "is_it"), [(400, False), (399, True), (None, False)])
def test_what_takes_over_a_quarter_of_what_is_free_is_large(
    monkeypatch: pytest.MonkeyPatch, free: int | None, is_it: bool
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: free)
    assert memory.is_large(100) == is_it
