"""The lab in Studio: the kit of notebooks and libraries, and the script that sets it up."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import jsii
from aws_cdk import Fn, IStableStringProducer, Lazy, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contract import names
from stacks import assets
from stacks.settings import Settings

_SCRIPT = Path(__file__).with_name("lab_on_start.sh")


def on_start(exports: Mapping[str, str]) -> str:
    """Return the script of the lifecycle configuration: `exports`, and what they are for."""
    lines = (f"export {name}='{value}'" for name, value in exports.items())
    return "\n".join(["#!/bin/bash", *lines, _SCRIPT.read_text()])


class Lab(Construct):
    """The kit as an asset, and `lifecycle_config`, which sets it up when an app starts."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, construct_id)
        self.kit = s3_assets.Asset(self, "Kit", path=str(assets.lab_kit()))
        exports = {
            "FACTORSTACK_NAME": settings.name,
            "FACTORSTACK_BUCKET": bucket.bucket_name,
            "FACTORSTACK_TRAINING_INSTANCE": settings.training.instance_type,
            "FACTORSTACK_ENDPOINT_INSTANCE": settings.endpoint.instance_type,
            "FACTORSTACK_KIT": self.kit.s3_object_url,
        }
        self.lifecycle_config = sagemaker.CfnStudioLifecycleConfig(
            self,
            "LifecycleConfig",
            studio_lifecycle_config_name="set below",
            studio_lifecycle_config_app_type="JupyterLab",
            studio_lifecycle_config_content=Fn.base64(on_start(exports)),
        )
        # Nothing of a lifecycle configuration can be updated: whatever changes needs another name.
        self.lifecycle_config.studio_lifecycle_config_name = Lazy.string(
            _NameByContent(names.lab_prefix(settings.name), self.lifecycle_config)
        )


@jsii.implements(IStableStringProducer)
class _NameByContent:
    """Names a lifecycle configuration when it is synthesised, after all tags have been added."""

    def __init__(self, prefix: str, config: sagemaker.CfnStudioLifecycleConfig) -> None:
        self._prefix = prefix
        self._config = config

    def produce(self) -> str:
        """Return the prefix and a hash of all else in the template."""
        config = self._config
        content = Stack.of(config).resolve(
            [config.studio_lifecycle_config_content, config.cdk_tag_manager.render_tags()]
        )
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return self._prefix + digest[:8]
