"""Servers that do not start leave nothing behind."""

from pathlib import Path

import pytest

from local.sagemaker.core import storage
from local.sagemaker.core.region import Region
from local.sagemaker.core.storage import TransferError
from local.sagemaker.resources import hosting
from local.sagemaker.resources.models import Model


@pytest.mark.usefixtures("account")
def test_server_without_its_artifact_leaves_neither_folder_nor_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise TransferError

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(storage, "download_model", refuse)
    region = Region("000000000000", "us-east-1")
    description = {
        "ExecutionRoleArn": "role",
        "ModelArn": "arn",
        "PrimaryContainer": {"ModelDataUrl": "s3://bucket/model.tar.gz"},
    }
    ports = set(hosting._ports)
    with pytest.raises(TransferError):
        hosting.Server.start(Model(region, description), "group", "variant")
    assert hosting._ports == ports
    assert list(tmp_path.iterdir()) == []
