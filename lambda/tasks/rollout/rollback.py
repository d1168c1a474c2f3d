"""How going back to the previous model is told; no AWS."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tasks.run.errors import DeploymentInProgress, RollBackFailed
from tasks.run.failure import describe


def named(model_data_url: str) -> str:
    """What the endpoint goes back to."""
    return model_data_url or "no endpoint, as before this deployment"


@contextmanager
def naming(failure: Mapping[str, Any] | None, model_data_url: str) -> Iterator[None]:
    """Turn what fails inside into RollBackFailed that tells of `failure`, if there was one.

    What Step Functions retries goes through as it is.
    """
    try:
        yield
    except DeploymentInProgress:
        raise
    except Exception as error:
        if failure is None:
            raise
        first = describe(dict(failure))
        raise RollBackFailed(
            f"{first['error']}: {first['cause']}; going back to {named(model_data_url)} failed "
            f"too: {error}"
        ) from error


def completed(failure: Mapping[str, Any], verified: Mapping[str, Any], url: str) -> dict[str, str]:
    """Return the failure with which the execution ends once the previous model serves again."""
    first = describe(dict(failure))
    proof = (
        f"verified on {verified['rows']} held-out rows"
        if url
        else "verified: there is no endpoint any more"
    )
    return {
        "Error": first["error"],
        "Cause": f"{first['cause']}; rolled back to {named(url)}, {proof}",
    }
