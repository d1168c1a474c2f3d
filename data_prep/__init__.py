"""Interactions in, Factorization Machines training data out: a pure library, without AWS.

    from data_prep import Encoder, InputError, Manifest, PrepareSettings, prepare
    from data_prep.recordio import read, read_batches, write
    from data_prep.survey import survey

docs/data_prep.md shows how they are used, with files and with DataFrames.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = ["Encoder", "InputError", "Manifest", "PrepareSettings", "prepare"]

if TYPE_CHECKING:
    from data_prep.encoder import Encoder
    from data_prep.errors import InputError
    from data_prep.manifest import Manifest
    from data_prep.preparation import prepare
    from data_prep.settings import PrepareSettings
else:
    # Imported on first use: reading RecordIO alone, as a training container does, needs no pyarrow.
    _MODULES = {
        "Encoder": "data_prep.encoder",
        "InputError": "data_prep.errors",
        "Manifest": "data_prep.manifest",
        "PrepareSettings": "data_prep.settings",
        "prepare": "data_prep.preparation",
    }

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES[name]), name)
