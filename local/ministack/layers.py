"""Unpacks each Lambda layer once for all functions of the account.

ministack unpacks a layer for every worker: for eight functions with a layer of 180 MB it would
write 1.5 GB, and every worker would compile the layer's modules again.
"""

import hashlib
import tempfile
import threading
import zipfile
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import SimpleNamespace

NEEDED = {"ministack.core.lambda_runtime": "zipfile"}
_LAYER = "layer_"  # what ministack's folders for layers begin with, in the folder of a worker
_lock = threading.Lock()


def apply() -> None:
    """Let ministack's Lambda workers share the layers that they unpack."""
    from ministack.core import lambda_runtime

    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=_LayerZip, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile
    )


class _LayerZip(zipfile.ZipFile):
    """A zip file that extracts a layer once, and makes a link to it for each further worker."""

    def extractall(
        self,
        path: str | PathLike[str] | None = None,
        members: Iterable[str | zipfile.ZipInfo] | None = None,
        pwd: bytes | None = None,
    ) -> None:
        """Extract into `path`, as in the standard library."""
        target = Path(path or ".")
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
