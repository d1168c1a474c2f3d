"""What a roll-back reports: why it was needed, and whether it succeeded; no AWS."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.run.errors import (
    DeploymentFailed,
    DeploymentInProgress,
    RollBackFailed,
    ServiceUnavailable,
)
from tasks.run.failure import describe
from tasks.run.payloads import Failure, Verification


@contextmanager
def reporting_both_failures(failure: Failure | None, model_data_url: str) -> Iterator[None]:
    """Turn an error in the block into one that also reports `failure`, if there was one.

    Args:
        failure: what made the execution roll back; None outside of a roll-back.
        model_data_url: the previous artifact; "" for no endpoint.

    Raises:
        RollBackFailed: with both failures.
        DeploymentInProgress, ServiceUnavailable: as they are, for Step Functions to retry.
    """
    try:
        yield
    except (DeploymentInProgress, ServiceUnavailable):
        raise
    except Exception as error:
        if failure is None:
            raise
        first = describe(failure)
        raise RollBackFailed(
            f"{first['error']}: {first['cause']}; rolling back to {_target(model_data_url)} failed "
            f"too: {error}"
        ) from error


def completed(failure: Failure, verification: Verification, model_data_url: str) -> Failure:
    """Return the failure with which the execution ends once the previous model serves again."""
    first = describe(failure)
    proof = (
        f"verified on {verification['rows']} held-out rows"
        if model_data_url
        else "verified: there is no endpoint any more"
    )
    return {
        "Error": first["error"],
        "Cause": f"{first['cause']}; rolled back to {_target(model_data_url)}, {proof}",
    }


def _target(model_data_url: str) -> str:
    return model_data_url or "no endpoint, as before this deployment"


def require_own_deployment(live: str, failed: str, previous: str) -> None:
    """Make sure that a roll-back undoes the roll-out of this execution and no other.

    Args:
        live: the artifact that the Serving stack serves now; "" for none.
        failed: the one that this execution deployed.
        previous: the one that was live before.

    Raises:
        DeploymentFailed: another roll-out came in between.
    """
    if live not in (failed, previous):
        raise DeploymentFailed(f"another deployment put {live} in its place")
