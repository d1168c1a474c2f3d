"""Imports modules as Lambda does: `python -I -S isolated_import.py RUNTIME LAYER CODE MODULE...`.

Only the standard library, LAYER and CODE are on the path; of RUNTIME, the packages that Lambda's
own runtime holds.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder

OF_THE_RUNTIME = {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}


class RuntimeFinder:
    """Finds the runtime's own packages, and no others, in the folder that holds them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: object = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] not in OF_THE_RUNTIME:
            return None
        return PathFinder.find_spec(name, path or [self._folder])


runtime, layer, code, *modules = sys.argv[1:]
sys.path[:0] = [layer, code]
sys.meta_path.append(RuntimeFinder(runtime))
for module in modules:
    importlib.import_module(module)
