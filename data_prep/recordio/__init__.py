"""RecordIO-protobuf, the training data of SageMaker's algorithms: write and read matrices."""

from data_prep.recordio.reader import read, read_batches
from data_prep.recordio.writer import write

__all__ = ["read", "read_batches", "write"]
