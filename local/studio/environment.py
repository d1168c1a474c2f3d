"""The environment variables of an app: its role's credentials, its home, the way outside."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

# What every app has installed, in place of AWS's image: `make build/studio-env/.installed`.
IMAGE = Path(__file__).resolve().parents[2] / "build" / "studio-env"
JUPYTER_DATA = ".local/share/jupyter"  # in the home folder, as on Linux: also where Jupyter differs


def app_environment(
    home: Path,
    *,
    region: str,
    account: Mapping[str, str],
    credentials: Mapping[str, str],
    outside: Mapping[str, str],
) -> dict[str, str]:
    """Return all environment variables of an app.

    Args:
        home: the home folder of its space.
        region: of the space.
        account: how AWS clients reach the account: endpoint, certificate, proxy.
        credentials: those of the app's role, as AWS clients read them.
        outside: how package indexes are reached, from `outside.handed_down`.
    """
    path = os.environ.get("PATH", os.defpath)
    inherited = {
        name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ
    }
    return {
        **inherited,
        **outside,
        "HOME": str(home),
        "PATH": f"{IMAGE / 'bin'}{os.pathsep}{path}" if IMAGE.is_dir() else path,
        "JUPYTER_DATA_DIR": str(home / JUPYTER_DATA),
        "PYTHONUNBUFFERED": "1",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **account,
        **credentials,
    }


def save(path: Path, environment: Mapping[str, str]) -> None:
    """Write an environment to a file that only this user may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(environment, indent=2))


def load(path: Path) -> dict[str, str]:
    """Return the environment that `save` wrote."""
    environment: dict[str, str] = json.loads(path.read_text())
    return environment
