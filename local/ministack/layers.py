"""Unpacks each Lambda layer once for all functions of the account.

ministack unpacks a layer for every worker: eight functions with a layer of 180 MB are 1.5 GB to
write, and every worker compiles the layer's modules anew.
"""

import hashlib
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

NEEDED = {"ministack.core.lambda_runtime": "zipfile"}
_LAYER = "layer_"  # how ministack's folder for a layer begins, inside a worker's own
_lock = threading.Lock()


def apply() -> None:
    """Let ministack's Lambda workers share the layers that they unpack."""
    from ministack.core import lambda_runtime

    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=_LayerZip, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile
    )


class _LayerZip(zipfile.ZipFile):
    """A zip whose extraction, if it is a layer's, becomes a link to the one that all share."""

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        target = Path(path)
        if not target.name.startswith(_LAYER):
            super().extractall(path, members, pwd)
            return
        with Path(str(self.filename)).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        shared = Path(tempfile.gettempdir()) / "layers" / digest
        with _lock:
            if not shared.exists():
                aside = shared.with_suffix(".part")
                super().extractall(aside)
                aside.rename(shared)
        target.rmdir()
        target.symlink_to(shared, target_is_directory=True)
