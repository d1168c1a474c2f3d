"""The repository as the tests of the house see it: files, rooms and names, without imports."""

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {  # root package -> folder
    **{name: ROOT / name for name in ("bench", "commands", "contract", "data_prep", "fm")},
    **{name: ROOT / name for name in ("local", "stacks", "tests")},
    **{name: ROOT / "lambda" / name for name in ("cleanup", "tasks")},
}
_CAMEL_CASE = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b")
# Names of the world outside that no source file has a reason to use.
_ELSEWHERE = {"FastFile", "GetTemplate", "GitHub", "JavaScript", "LocalStack", "ReadOnlyAccess"}


@cache
def files() -> tuple[Path, ...]:
    """Return every file of the repository that git does not ignore, sorted."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ignored | {".git"}]
        found += [Path(folder, name) for name in names if name not in ignored | {".git"}]
    return tuple(sorted(found))


def modules() -> tuple[Path, ...]:
    """Return every Python file outside the tests."""
    return tuple(
        path
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] != "tests"
    )


def rooms() -> tuple[str, ...]:
    """Return every folder with code, as `local/sagemaker/core/`; of the unit tests only the top."""
    folders = {path.parent for path in files() if path.suffix in (".py", ".ipynb")} - {ROOT}
    unit = ROOT / "tests" / "unit"
    return tuple(
        f"{folder.relative_to(ROOT)}/" for folder in sorted(folders) if unit not in folder.parents
    )


def missing_names(text: str) -> set[str]:
    """Return what `text` names that the repository does not have.

    Looked up are paths below a top folder, modules and their attributes, names of Python files,
    and names in camel case, such as those of states, classes, resources and API operations.
    """
    return {
        *(path for path in _paths(text) if not _path_exists(path)),
        *(name for name in _dotted(text) if not _resolves(name)),
        *(name for name in re.findall(r"`([\w-]+\.py)`", text) if name not in _file_names()),
        *(set(_CAMEL_CASE.findall(text)) - _words() - _ELSEWHERE),
    }


def _paths(text: str) -> Iterator[str]:
    tops = sorted({path.relative_to(ROOT).parts[0] for path in files()} | set(PACKAGES))
    folders = "|".join(re.escape(top) for top in tops if "." not in top)
    for match in re.findall(rf"(?<![\w./<>:$@-])((?:{folders})/[\w./-]*)", text):
        yield match.rstrip(".")


def _path_exists(path: str) -> bool:
    return (ROOT / path).exists() or (ROOT / "lambda" / path).exists()


def _dotted(text: str) -> Iterator[str]:
    packages = "|".join(PACKAGES)
    for name in re.findall(rf"(?<![\w./:@-])((?:{packages})(?:\.[A-Za-z_]\w*)+)(?![\w/-])", text):
        if not name.endswith((".md", ".py")):
            yield name
    for name in re.findall(r"python -m (\w+)\b(?!\.)", text):
        if name in PACKAGES:
            yield f"{name}.__main__"


def _resolves(name: str) -> bool:
    """Tell whether a dotted name is a module, or a name that one binds, or a member of such."""
    package, *rest = name.split(".")
    folder = PACKAGES[package]
    while rest and (folder / rest[0]).is_dir():
        folder /= rest.pop(0)
    module = folder / "__init__.py"
    if rest and (folder / f"{rest[0]}.py").exists():
        module = folder / f"{rest.pop(0)}.py"
    names = _bound(ast.parse(module.read_text())) if module.exists() else set()
    return not rest or rest[0] in names


def _bound(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {alias.asname or alias.name for alias in aliases}
    return names


@cache
def _file_names() -> frozenset[str]:
    return frozenset(path.name for path in files())


@cache
def _words() -> frozenset[str]:
    """Return every word of the source: of code, settings and recorded requirements."""
    suffixes = {".py", ".ipynb", ".toml", ".json", ".in"}
    words: set[str] = set()
    for path in files():
        if path.suffix in suffixes and path.name != "package-lock.json":
            words |= set(re.findall(r"\w+", path.read_text()))
    return frozenset(words)
