"""Interactions in, Factorization Machines training data out: a pure library, no AWS.

from data_prep import PrepareSettings, prepare
from data_prep.recordio import read, write
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_prep.encoder import Encoder
    from data_prep.errors import InputError
    from data_prep.manifest import Manifest
    from data_prep.preparation import prepare
    from data_prep.settings import PrepareSettings

__all__ = ["Encoder", "InputError", "Manifest", "PrepareSettings", "prepare"]

# Loaded when asked for: who only reads RecordIO, as a training container does, needs no pyarrow.
_MODULES = {
    "Encoder": "data_prep.encoder",
    "InputError": "data_prep.errors",
    "Manifest": "data_prep.manifest",
    "PrepareSettings": "data_prep.settings",
    "prepare": "data_prep.preparation",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
