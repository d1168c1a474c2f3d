"""Which training engine a job uses: dense or sparse, compiled where Numba is installed."""

import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path

from local.fm_container.engine.dense_engine import DenseEngine
from local.fm_container.engine.numpy_engine import NumpyEngine
from local.fm_container.engine.protocol import Engine
from local.fm_container.engine.state import State
from local.fm_container.hyperparameters import Hyperparameters


def choose(settings: Hyperparameters, state: State, dense: bool) -> Engine:
    """Return the engine for rows that are dense or sparse."""
    if dense:
        return DenseEngine(settings, state)
    if importlib.util.find_spec("numba") is None:
        return NumpyEngine(settings, state)
    use_cache_folder()
    from local.fm_container.engine.numba_engine import NumbaEngine, threads_for

    return NumbaEngine(settings, state, threads_for(state))


def use_cache_folder() -> None:
    """Set the folder in which Numba keeps compiled code, before it is imported.

    It is a folder of the user's, another one for each version of this package: Numba would not
    notice a change in a module that the compiled one imports.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    for base in (user, Path(tempfile.gettempdir(), f"user-{os.getuid()}")):
        folder = base / "factorstack" / f"numba-{_version()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            os.environ["NUMBA_CACHE_DIR"] = str(folder)
            return


def _version() -> str:
    """Return a hash of this package's files, which hold everything that is compiled."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
