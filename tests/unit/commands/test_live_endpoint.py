"""The data behind the live endpoint is that of the run that trained its model."""

import pytest

from commands.console import CommandError
from commands.live_endpoint import fetch_encoder


def test_a_model_that_no_run_trained_is_refused_by_name() -> None:
    with pytest.raises(CommandError, match=r"s3://b/elsewhere\.tar\.gz is not the artifact"):
        fetch_encoder("s3://b/elsewhere.tar.gz")
