"""The home folders of spaces: one stays as long as its space, as the space's volume does on AWS."""

import contextlib
import shutil
from pathlib import Path


def create(root: Path, domain_id: str, space: str) -> Path:
    """Return the home folder of a space, which is made with its first app.

    Args:
        root: the folder of all home folders.
        domain_id: of the space's domain.
        space: the name of the space.
    """
    home = root / domain_id / space
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def remove(root: Path, domain_id: str, space: str) -> None:
    """Delete the home folder of a space, if there is one."""
    shutil.rmtree(root / domain_id / space, ignore_errors=True)
    with contextlib.suppress(OSError):  # another space of the domain has one, or none ever had
        (root / domain_id).rmdir()
