"""What an endpoint must show before a deployment counts; numbers only, no AWS."""

import numpy as np

from fm.arrays import Float32s, Int64s
from tasks.run.aws_types import EndpointDescription
from tasks.run.errors import EndpointNotVerified
from tasks.run.payloads import Agreement

TOLERANCE = 1e-5  # float32 sums in another order differ by less
SAMPLE_ROWS = 256


def sample(rows: int, seed: int = 42) -> Int64s:
    """Return up to `SAMPLE_ROWS` of the row numbers below `rows`, sorted, the same every time."""
    chosen = np.random.default_rng(seed).permutation(rows)[:SAMPLE_ROWS]
    return np.sort(chosen)


def check_endpoint(endpoint: EndpointDescription, config_name: str) -> None:
    """Refuse an endpoint that is not in service on the config `config_name`.

    UpdateEndpoint can come back to InService on the old config, with a FailureReason.

    Raises:
        EndpointNotVerified: with the endpoint's status, config and reason.
    """
    name, status = endpoint["EndpointName"], endpoint["EndpointStatus"]
    if status != "InService" or endpoint["EndpointConfigName"] != config_name:
        raise EndpointNotVerified(
            f"endpoint {name} is {status} on config {endpoint['EndpointConfigName']}, "
            f"not in service on {config_name}: {endpoint.get('FailureReason', 'no reason given')}"
        )


def check_scores(expected: Float32s, answered: Float32s) -> Agreement:
    """Return how far the endpoint's scores are from the artifact's.

    Args:
        expected: the artifact's scores, shape (n,).
        answered: the endpoint's scores of the same rows.

    Raises:
        EndpointNotVerified: they differ by more than `TOLERANCE`.
    """
    if len(expected) != len(answered):
        raise EndpointNotVerified(
            f"the endpoint gave {len(answered)} scores for {len(expected)} rows"
        )
    difference = float(np.abs(expected.astype(np.float64) - answered).max())
    scale = max(1.0, float(np.abs(expected).max()))
    if not difference <= TOLERANCE * scale:
        raise EndpointNotVerified(
            f"the endpoint's scores differ from the artifact's by up to {difference:.2g} on "
            f"{len(expected)} held-out rows (at most {TOLERANCE:g} is rounding)"
        )
    return {"rows": len(expected), "largest_difference": difference}
