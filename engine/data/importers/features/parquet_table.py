"""Reading of tables of features as Parquet (.parquet), as easyfsl and pandas write them.

Shapes: n rows, D embedding size.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.features.columns import Columns, columns_of
from engine.data.importers.features.csv_table import numbers_if_all
from engine.data.importers.features.feature_set import FeatureSet, feature_set
from engine.data.importers.metering import Meter
from engine.data.importers.untrusted import BOMB_RATIO, BOMB_SIZE, unreadable_as_bad_input
from engine.errors import BadInput
from engine.io.listing import shown

_ROWS_AT_ONCE = 1024
_NEEDS_PYARROW = (
    "needs pyarrow to be read; install it with: pip install 'leo-studio[parquet]', or save the "
    "table as CSV"
)


def read_parquet(path: Path, where: str, meter: Meter) -> FeatureSet:
    """Read a table of features.

    Raises
    ------
    BadInput
        If pyarrow is not installed, the file is no such table, or lacks vectors or labels.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise BadInput(f"{where} {_NEEDS_PYARROW}.") from error
    with unreadable_as_bad_input(where):
        size = path.stat().st_size
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            columns = columns_of(_readable(file.schema_arrow), where)
            _require_honest(file, size, where)
            table = _Table(columns, where, max(BOMB_SIZE, BOMB_RATIO * size))
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=table.wanted):
                table.add(batch)
                meter.add(where, size * len(batch) // max(1, file.metadata.num_rows))
    except (pyarrow.ArrowException, OSError, ValueError, TypeError) as error:
        raise BadInput(
            f"{where} cannot be read as Parquet; copy or download it again, or write it again."
        ) from error
    return table.features()


def _readable(schema: Any) -> list[str]:
    """Return the columns that can mean something here: pictures, in structures of bytes, cannot."""
    import pyarrow.types as types

    return [
        field.name
        for field in schema
        if not (types.is_struct(field.type) or types.is_binary(field.type))
    ]


def _require_honest(file: Any, size: int, where: str) -> None:
    """Require that a file does not unpack to absurdly much."""
    metadata = file.metadata
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    # Of numbers, since many equal ones are packed by their count.
    numbers = sum(
        group.column(index).num_values for group in groups for index in range(group.num_columns)
    )
    unpacked = max(4 * numbers, sum(group.total_byte_size for group in groups))
    if unpacked > max(BOMB_SIZE, BOMB_RATIO * size):
        raise BadInput(
            f"{where} would unpack from {size:,} bytes to {unpacked:,}, as no table of features "
            "does, so it was not read; get it from its authors again."
        )


class _Table:
    """The rows that were read so far.

    Parameters
    ----------
    columns
        What the columns mean.
    where
        What the file is called in an error.
    most
        How many bytes the vectors may take.
    """

    def __init__(self, columns: Columns, where: str, most: int) -> None:
        self._columns = columns
        self._where = where
        self._left = most
        self._vectors: list[NDArray[Any]] = []
        self._texts: dict[str, list[Any]] = {
            name: [] for name in (columns.label, columns.name, columns.split) if name
        }
        self.wanted = [*columns.vectors, *self._texts]

    def add(self, batch: Any) -> None:
        """Take some rows, a `pyarrow.RecordBatch`."""
        row = len(self._texts[self._columns.label])
        vectors = [batch.column(name) for name in self._columns.vectors]
        block = self._block(vectors, row)
        if self._vectors and block.shape[1] != self._vectors[0].shape[1]:
            raise self._uneven(row)
        self._left -= block.nbytes
        if self._left < 0:
            raise BadInput(
                f"{self._where} unpacks to absurdly many numbers, so it was not read; get it from "
                "its authors again."
            )
        self._vectors.append(block)
        for name, values in self._texts.items():
            column = batch.column(name)
            if column.null_count:
                raise BadInput(
                    f"{self._where}: {shown(name)} has no value in {column.null_count:,} of the "
                    f"rows from {row:,} on; fill them or remove the rows."
                )
            values.extend(column.to_pylist())

    def features(self) -> FeatureSet:
        """Return all rows."""
        if not self._vectors:
            raise BadInput(f"{self._where} has no rows; save it again.")
        columns = self._columns
        labels = self._texts[columns.label]
        if all(isinstance(label, str) for label in labels):
            labels = numbers_if_all(labels)
        one = len(columns.vectors) == 1
        return feature_set(
            self._where,
            np.concatenate(self._vectors),
            labels,
            called=(columns.vectors[0] if one else "the numbers", columns.label),
            image_names=[str(each) for each in self._texts[columns.name]] if columns.name else None,
            splits=[str(each) for each in self._texts[columns.split]] if columns.split else None,
            notes=columns.notes(self._where),
        )

    def _block(self, columns: list[Any], row: int) -> NDArray[Any]:
        """Return the vectors of some rows, (rows, D)."""
        import pyarrow.types as types

        if any(column.null_count for column in columns):
            raise BadInput(
                f"{self._where} has rows from {row:,} on whose vector is missing; remove them."
            )
        kind = columns[0].type
        if len(columns) > 1:
            return np.stack([self._numbers(column) for column in columns], axis=1)
        is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
        if not is_list:
            raise BadInput(
                f"{self._where}: {shown(self._columns.vectors[0])} is of type {shown(str(kind))}; "
                "it must be a list of numbers."
            )
        numbers = self._numbers(columns[0].flatten())
        sizes = set(columns[0].value_lengths().to_pylist())
        if len(sizes) != 1 or 0 in sizes:
            raise self._uneven(row)
        return numbers.reshape(len(columns[0]), -1)

    def _numbers(self, column: Any) -> NDArray[Any]:
        array = column.to_numpy(zero_copy_only=False)
        if column.null_count or array.dtype.kind not in "fiub":
            raise BadInput(
                f"{self._where}: the vectors hold {shown(str(column.type))}, or no value; they "
                "must be numbers."
            )
        return np.asarray(array)

    def _uneven(self, row: int) -> BadInput:
        return BadInput(
            f"{self._where} has vectors of several sizes among the rows from {row:,} on; all must "
            "be of one size."
        )
