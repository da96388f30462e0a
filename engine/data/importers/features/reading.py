"""Reading of one source of features, whichever kind it is."""

from engine.data.importers.features.class_arrays import read_class_arrays
from engine.data.importers.features.csv_table import read_csv
from engine.data.importers.features.feature_set import FeatureSet
from engine.data.importers.features.parquet_table import read_parquet
from engine.data.importers.features.pickled import read_pickled
from engine.data.importers.features.pytorch import read_pytorch
from engine.data.importers.features.sources import FeatureSource
from engine.data.importers.metering import Meter
from engine.data.importers.untrusted import unreadable_as_bad_input


def read_source(source: FeatureSource, meter: Meter) -> FeatureSet:
    """Read a file, or the arrays of a folder; raises `BadInput` if it cannot be used."""
    path = source.paths[0]
    match source.kind:
        case "arrays":
            return read_class_arrays(source.paths, source.where, meter)
        case "csv":
            return read_csv(path, source.where, meter)
        case "parquet":
            return read_parquet(path, source.where, meter)
        case "pytorch":
            return read_pytorch(path, source.where, meter)
        case "pickle":
            with unreadable_as_bad_input(source.where), path.open("rb") as file:
                is_zip = file.read(2) == b"PK"
            # torch.save writes zip archives, whatever a file is called.
            return (read_pytorch if is_zip else read_pickled)(path, source.where, meter)
