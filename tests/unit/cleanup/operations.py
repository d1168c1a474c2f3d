"""The operations of AWS that the clean-up names in its source, and those that a botocore has."""

import ast
import json
from collections.abc import Collection, Iterator
from pathlib import Path

from botocore import xform_name
from botocore.loaders import Loader

from stacks import assets

Operations = frozenset[tuple[str, str]]  # of boto3's clients: service and method
SOURCE = assets.ROOT / "lambda" / "cleanup"
RECORDED = Path(__file__).with_name("botocore-1.40.4.json")


def of_botocore(data: Path, names: Collection[str]) -> Operations:
    """Return the operations of those services in botocore's folder `data` that `names` holds."""
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    return frozenset(
        (service, xform_name(operation))
        for service in loader.list_available_services("service-2")
        if service in names
        for operation in loader.load_service_model(service, "service-2")["operations"]
    )


def of_botocore_1_40_4() -> Operations:
    """Return what an old runtime of Lambda knows, as that version's service models say it."""
    recorded: dict[str, str] = json.loads(RECORDED.read_text())
    return frozenset((service, name) for service in recorded for name in recorded[service].split())


def named_in(source: Path) -> frozenset[str]:
    """Return every text and attribute in the modules of a folder: names of operations, too."""
    trees = [ast.parse(path.read_text()) for path in sorted(source.glob("*.py"))]
    return frozenset(name for tree in trees for name in _names(tree))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Attribute):
            yield node.attr
