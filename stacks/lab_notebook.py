"""The lab notebook, and the lifecycle configuration that puts it where the space opens it."""

import hashlib
from pathlib import Path

from aws_cdk import Fn
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contract import names

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "lab.ipynb"

# It runs at each start of the app: it keeps a notebook that the user has changed, and a copy that
# fails must not keep the app from starting.
_SCRIPT = """#!/bin/bash
set -u
cd "$HOME"
cat > factorstack.json <<'JSON'
{{"name": "{name}", "bucket": "{bucket}"}}
JSON
[ -e lab.ipynb ] || aws s3 cp --only-show-errors "{notebook}" lab.ipynb \
  || echo "the lab notebook could not be copied from {notebook}" >&2
"""


class LabNotebook(Construct):
    """The notebook as an asset, and `lifecycle_config`, which copies it into a JupyterLab app."""

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: str, bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, construct_id)
        self.asset = s3_assets.Asset(self, "Notebook", path=str(NOTEBOOK))
        script = _SCRIPT.format(
            name=deployment, bucket=bucket.bucket_name, notebook=self.asset.s3_object_url
        )
        # A lifecycle configuration is immutable: other content needs another name.
        version = hashlib.sha256((_SCRIPT + self.asset.asset_hash).encode()).hexdigest()[:8]
        self.lifecycle_config = sagemaker.CfnStudioLifecycleConfig(
            self,
            "LifecycleConfig",
            studio_lifecycle_config_name=f"{names.space_name(deployment)}-{version}",
            studio_lifecycle_config_app_type="JupyterLab",
            studio_lifecycle_config_content=Fn.base64(script),
        )
