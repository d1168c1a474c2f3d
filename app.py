"""The CDK app of Factorstack: `cdk deploy --all` and `cdk destroy --all`.

{name}-data      the bucket
{name}-studio    VPC, SageMaker domain, user profile, JupyterLab space, roles, clean-up
{name}-serving   model, endpoint config and endpoint, once a run has trained a model
{name}-pipeline  the state machine and its task functions
"""

import os
import sys
from urllib.parse import urlsplit

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from contract.names import DEPLOYMENT_TAG, stack_name
from stacks.assets import LayerPlatform
from stacks.data_stack import DataStack
from stacks.pipeline_stack import PipelineStack
from stacks.region_offers import UnsupportedRegionError, check_region
from stacks.serving_stack import ServingStack
from stacks.settings import Settings, SettingsError, from_context
from stacks.studio_stack import StudioStack

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def layer_platform(endpoint_url: str) -> LayerPlatform:
    """Return what the dependency layer is built for.

    An account on this machine runs functions with this interpreter, and AWS with Lambda's.
    """
    return "host" if urlsplit(endpoint_url).hostname in LOOPBACK else "lambda"


def compose(app: App, settings: Settings, platform: LayerPlatform) -> None:
    """Add the four stacks to `app`."""
    name = settings.name
    data = DataStack(app, stack_name(name, "data"))
    studio = StudioStack(app, stack_name(name, "studio"), settings=settings, bucket=data.bucket)
    serving = ServingStack(
        app, stack_name(name, "serving"), settings=settings, execution_role=studio.execution_role
    )
    pipeline = PipelineStack(
        app,
        stack_name(name, "pipeline"),
        settings=settings,
        layer_platform=platform,
        bucket=data.bucket,
        execution_role=studio.execution_role,
        serving_role=studio.serving_role,
    )
    # Destroy goes the other way: nobody may update the Serving stack while it is deleted.
    pipeline.add_stack_dependency(serving)
    Tags.of(app).add(DEPLOYMENT_TAG, name)


def main() -> None:
    """Synthesise the app; wrong settings end it with a message."""
    app = App()
    region = os.environ.get("CDK_DEFAULT_REGION", "us-east-1")
    try:
        check_region(region)
        settings = from_context(app.node, region)
    except (SettingsError, UnsupportedRegionError) as error:
        sys.exit(f"factorstack: {error}")
    compose(app, settings, layer_platform(os.environ.get("AWS_ENDPOINT_URL", "")))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main()
