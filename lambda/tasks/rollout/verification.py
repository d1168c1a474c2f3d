"""What the endpoint must show before a deployment counts; numbers only, no AWS."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.run.errors import EndpointNotVerified

TOLERANCE = 1e-5  # float32 sums in another order differ by less
SAMPLE_ROWS = 256


def sample(rows: int, seed: int = 42) -> npt.NDArray[np.int64]:
    """Return up to `SAMPLE_ROWS` row numbers of `rows`, the same ones every time."""
    chosen = np.random.default_rng(seed).permutation(rows)[:SAMPLE_ROWS]
    return np.sort(chosen)


def check_endpoint(endpoint: Mapping[str, Any], config_name: str) -> None:
    """Refuse an endpoint that is not in service on the wanted config.

    UpdateEndpoint can come back to InService on the old config, with a FailureReason.

    Raises:
        EndpointNotVerified: says what the endpoint shows instead.
    """
    name, status = endpoint["EndpointName"], endpoint["EndpointStatus"]
    if status != "InService" or endpoint["EndpointConfigName"] != config_name:
        raise EndpointNotVerified(
            f"endpoint {name} is {status} on config {endpoint['EndpointConfigName']}, "
            f"not in service on {config_name}: {endpoint.get('FailureReason', 'no reason given')}"
        )


def check_scores(
    expected: npt.NDArray[np.float32], answered: npt.NDArray[np.float32]
) -> dict[str, Any]:
    """Return how far the endpoint's scores are from the artifact's.

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
