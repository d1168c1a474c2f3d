"""What an app runs with: settings of its space, its user profile and their domain, in this order.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/jl-lcc.html
"""

import base64
from collections.abc import Iterator

from local.sagemaker.core.api import Request, Structure
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.region import Region
from local.sagemaker.resources.studio import App, Domain, LifecycleConfig, Space, UserProfile

JUPYTER_LAB = "JupyterLab"
_APP_SETTINGS = "JupyterLabAppSettings"


def resource_spec(region: Region, request: Request) -> Structure:
    """Return the ResourceSpec of a new app: what its request names, or what is set for its space.

    Call it under the region's lock.
    """
    spec: Structure = request.get("ResourceSpec", {})
    if request["AppType"] != JUPYTER_LAB:
        return spec
    for settings in _settings(region, request):
        spec = {**settings.get(_APP_SETTINGS, {}).get("DefaultResourceSpec", {}), **spec}
    return spec


def role(app: App) -> str:
    """Return the ARN of the role of an app of a space: its owner's, or the domain's default.

    Raises:
        ServiceError: ValidationException if none is set.
    """
    roles = [
        each["ExecutionRole"]
        for each in _settings(app.region, app.description)
        if "ExecutionRole" in each
    ]
    if not roles:
        raise invalid("The space has no execution role: set one in DefaultSpaceSettings.")
    return str(roles[0])


def lifecycle_configs(app: App) -> Iterator[LifecycleConfig]:
    """Return what an app of a space starts with: the built-in configuration, then the default."""
    arns = [
        settings[_APP_SETTINGS]["BuiltInLifecycleConfigArn"]
        for settings in _settings(app.region, app.description)
        if "BuiltInLifecycleConfigArn" in settings.get(_APP_SETTINGS, {})
    ][:1]
    arns.append(app.description.get("ResourceSpec", {}).get("LifecycleConfigArn"))
    for arn in arns:
        config = app.region.get(LifecycleConfig, arn.rpartition("/")[2]) if arn else None
        if config is not None:
            yield config


def script(config: LifecycleConfig) -> bytes:
    """Return the script of a lifecycle configuration."""
    return base64.b64decode(config.description["StudioLifecycleConfigContent"])


def owner(space: Space) -> str | None:
    """Return the name of the user profile that owns a private space; None: the space is shared."""
    sharing = space.description.get("SpaceSharingSettings", {}).get("SharingType")
    name = space.description.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    return str(name) if sharing == "Private" else None


def _settings(region: Region, members: Structure) -> Iterator[Structure]:
    """Return the settings that hold for the space that a description or request names."""
    domain_id = members["DomainId"]
    space, domain = (
        region.get(Space, domain_id, members["SpaceName"]),
        region.get(Domain, domain_id),
    )
    if space is None or domain is None:
        return
    yield space.description.get("SpaceSettings", {})
    name = owner(space)
    if name is None:
        yield domain.description.get("DefaultSpaceSettings", {})
        return
    profile = region.get(UserProfile, domain_id, name)
    yield profile.description.get("UserSettings", {}) if profile else {}
    yield domain.description.get("DefaultUserSettings", {})
