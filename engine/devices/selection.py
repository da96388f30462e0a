"""Choice of a run's device and of its CPU threads, and the memory that is free there."""

import ctypes
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from engine.errors import BadInput

# How steps are taken on GPUs that nobody has tried this on.
_ONE_BY_ONE = "steps one by one, not tried by us"


def choose_device(wanted: str) -> torch.device:
    """Return the device that a setting names; "auto" is a CUDA GPU where there is one.

    Raises
    ------
    BadInput
        If this machine has no such device.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wanted)
    available = {
        "cpu": 1,
        "cuda": torch.cuda.device_count(),
        "mps": int(torch.backends.mps.is_available()),
        "xpu": torch.xpu.device_count(),
    }[device.type]
    if (device.index or 0) >= available:
        raise BadInput(
            f'run.device is "{wanted}", which this machine does not have ({why_no_gpu()}); '
            "use auto or cpu."
        )
    return device


def why_no_gpu() -> str:
    """Say in a few words why there is no CUDA GPU, or which there is."""
    if torch.cuda.is_available():
        return f"CUDA GPU: {torch.cuda.get_device_name()}"
    if torch.version.cuda is None:
        return "this build of torch is for the CPU alone"
    return "torch finds no CUDA GPU or driver"


def list_devices() -> dict[str, str]:
    """Return the devices of this machine by the name that `run.device` takes.

    Each with what it is and, of a GPU, how steps are taken there.
    """
    capability = torch.backends.cpu.get_cpu_capability()
    devices = {"cpu": f"{platform.machine()}, {usable_cores()} cores, {capability}"}
    for index in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(index)
        devices[f"cuda:{index}"] = (
            f"{facts.name}, {facts.total_memory / 2**30:.0f} GiB: {_ways_of_cuda()}"
        )
    if torch.backends.mps.is_available():
        devices["mps"] = f"Apple GPU: {_ONE_BY_ONE}"
    for index in range(torch.xpu.device_count()):
        devices[f"xpu:{index}"] = f"{torch.xpu.get_device_name(index)}: {_ONE_BY_ONE}"
    return devices


def usable_cores() -> int:
    """Return how many cores this process may use, at least 1."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return cores or 1


def _ways_of_cuda() -> str:
    kernels = "our kernels" if importlib.util.find_spec("triton") else "no kernels without triton"
    return f"CUDA graphs, {kernels}"


@contextmanager
def cpu_threads(count: int | None) -> Iterator[None]:
    """Use so many of torch's threads inside the block; None leaves their number alone."""
    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def keep_freed_memory() -> None:
    """Ask glibc to keep what is freed, so that the next step need not fetch it page by page.

    A step frees and takes the same megabytes again; by default glibc gives blocks of that size
    back to the system at once. And by default it keeps what each thread freed for that thread,
    where `give_back_freed_memory` cannot reach most of it; now threads share, if this is called
    before they begin. Elsewhere than on glibc nothing happens.
    """
    if (library := _glibc()) is not None:
        trim_threshold, mmap_threshold, arena_max = -1, -3, -8
        library.mallopt(mmap_threshold, 32 * 2**20)
        library.mallopt(trim_threshold, 256 * 2**20)
        library.mallopt(arena_max, 1)


def give_back_freed_memory() -> None:
    """Give the system what is free by now, after work that took far more than a step does."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


def free_memory(device: torch.device) -> int | None:
    """Return how many bytes of a device's own memory can be had; None where nobody says."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return free + kept
    return None


def give_back_device_memory() -> None:
    """Give CUDA GPUs what torch keeps for the next time, so that other sizes can be had."""
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
