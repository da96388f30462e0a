"""The memory that an import of LEO's release needs, as a multiple of the largest split.

Writes a synthetic training split of tieredImageNet's size as Python 3 pickles it, protocol 2 (in
which the bytes of an array become UTF-8 text) and 4, imports each in a process of its own, and
prints by how much that process grew. The target is 2.5. Needs Linux and 4 GB of disk.

    python benchmarks/import_memory.py [--rows 448695] [--folder /tmp]
"""

import argparse
import pickle
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

TIERED_TRAIN_ROWS = 448_695
TIERED_TRAIN_CLASSES = 351
DIM = 640
BLOCK_ROWS = 8192

# VmHWM and not resource.getrusage, whose peak begins with that of the process it was started by.
MEASURE = """
import sys
from pathlib import Path
from engine.data.importers.deepmind import import_deepmind

def kilobytes(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))

before = kilobytes("VmRSS")
import_deepmind(Path(sys.argv[1]), Path(sys.argv[2]))
print((kilobytes("VmHWM") - before) * 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=TIERED_TRAIN_ROWS)
    parser.add_argument("--folder", type=Path, default=None, help="where there is space")
    arguments = parser.parse_args()
    split = arguments.rows * DIM * 4
    print(f"{arguments.rows:,} rows of {DIM}: {split / 1e9:.3f} GB")
    for protocol in (2, 4):
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            source = Path(name) / "tiered" / "center"
            source.mkdir(parents=True)
            size = write_split(source / "train_embeddings.pkl", protocol, arguments.rows)
            start = time.perf_counter()
            grown = measured_import(source, Path(name))
            seconds = time.perf_counter() - start
        print(
            f"protocol {protocol}: file {size / 1e9:.3f} GB, memory {grown / 1e9:.3f} GB, "
            f"{grown / split:.2f} times the split, {seconds:.0f} s"
        )


def measured_import(source: Path, out: Path) -> int:
    """Import in a process of its own and return by how many bytes it grew at its peak."""
    command = [sys.executable, "-c", MEASURE, str(source), str(out)]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def write_split(path: Path, protocol: int, rows: int) -> int:
    """Write a pickle block by block, as `pickle.dump` would at once, and return its size."""
    labels = np.arange(rows) * TIERED_TRAIN_CLASSES // rows
    keys = np.array([f"{row}-n{c:08}-n{c:08}_{row}.jpg".encode() for row, c in enumerate(labels)])
    with path.open("wb") as file:
        file.write(b"\x80%c}(" % protocol)
        file.write(text("embeddings"))
        file.write(
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85"
            + (b"c_codecs\nencode\n" + text("b") + text("latin1") + b"\x86R\x87R")
            + (b"(K\x01J%bJ%b\x86" % (struct.pack("<i", rows), struct.pack("<i", DIM)))
            + (b"cnumpy\ndtype\n" + text("f4") + b"\x89\x88\x87R")
            + (b"(K\x03" + text("<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89")
        )
        if protocol == 2:
            size = sum(len(as_utf8(block)) for block in blocks(rows))
            file.write(b"c_codecs\nencode\nX" + struct.pack("<I", size))
            file.writelines(map(as_utf8, blocks(rows)))
            file.write(text("latin1") + b"\x86R")
        else:
            file.write(b"\x8e" + struct.pack("<Q", rows * DIM * 4))
            file.writelines(blocks(rows))
        file.write(b"tb")
        for name, array in (("labels", labels), ("keys", keys)):
            # Without the opcodes that begin and end it, a small pickle is a part of a large one.
            file.write(text(name) + pickle.dumps(array, 2)[2:-1])
        file.write(b"u.")
        return file.tell()


def blocks(rows: int) -> Iterator[bytes]:
    """Yield the embeddings' bytes, the same every time."""
    for start in range(0, rows, BLOCK_ROWS):
        count = min(BLOCK_ROWS, rows - start)
        random = np.random.default_rng(start)
        yield random.standard_normal((count, DIM), np.float32).tobytes()


def as_utf8(data: bytes) -> bytes:
    return data.decode("latin-1").encode("utf-8")


def text(value: str) -> bytes:
    """Return the opcode for short text."""
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


if __name__ == "__main__":
    main()
