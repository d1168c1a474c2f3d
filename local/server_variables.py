"""The environment variables of an account's server process."""

import os
from pathlib import Path

from local import layout, proxy_variables
from local.studio import outside

_ROOT = Path(__file__).resolve().parent.parent
_INHERITED = ("PATH", "LANG", "LC_ALL")


def of_account(
    folder: Path,
    *,
    port: int,
    region: str,
    delay: float,
    wait_scale: float,
    quotas: str,
    persist: Path | None,
) -> dict[str, str]:
    """Return all variables of the server, into which no AWS setting of the caller may leak.

    Args:
        folder: the account's temporary folder.
        port: where it listens.
        region: the region of requests that name none.
        delay: seconds that each state of SageMaker lasts at least.
        wait_scale: factor on the waits and retry intervals of Step Functions.
        quotas: "old" or "fresh".
        persist: the folder that keeps the state, if any does.
    """
    kept = persist or folder
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    settings = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        # The user's cache, where the container keeps its compiled code.
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser()),
        "NODE_PATH": str(_ROOT / "node_modules"),
        "PYTHONUNBUFFERED": "1",
        "AUTH": "true",
        "USE_SSL": "1",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": region,
        "LOG_LEVEL": "INFO",
        "SFN_WAIT_SCALE": str(wait_scale),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        layout.STATE_DELAY_VARIABLE: str(delay),
        layout.QUOTAS_VARIABLE: quotas,
        "S3_DATA_DIR": str(kept / "s3"),
        "STATE_DIR": str(kept / "state"),
        layout.HOMES_VARIABLE: str(kept / "homes"),
    }
    if quotas == "fresh":
        settings["LAMBDA_ACCOUNT_CONCURRENCY"] = str(layout.FRESH_CONCURRENCY)
    if persist is not None:
        settings |= {"PERSIST_STATE": "1", "S3_PERSIST": "1"}
    return inherited | settings | proxy_variables.handing_down() | outside.handing_down(os.environ)
