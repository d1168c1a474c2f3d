"""Wheels of one file each, and requirements that pin them by hash: packages without an index."""

import hashlib
import zipfile
from pathlib import Path


def add(folder: Path, name: str, files: dict[str, str]) -> str:
    """Write a wheel of `name` 1.0 into `folder`; return the line of requirements.txt for it.

    Args:
        folder: Where installers look for it.
        name: Of the distribution.
        files: Their text by path in the wheel; `<name>-1.0.data/scripts/` becomes `bin/`.
    """
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    every = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in every.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = (0o100755 if "/scripts/" in path else 0o100644) << 16
            archive.writestr(member, text)
        archive.writestr(record, "".join(f"{path},,\n" for path in [*every, record]))
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
