"""The resources of Studio, and what they share: their states, and who uses which of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from local.sagemaker.core import settings
from local.sagemaker.core.api import Structure, Value
from local.sagemaker.core.errors import in_use, invalid
from local.sagemaker.core.region import Region, Resource
from local.sagemaker.core.timing import now
from local.studio import homes
from local.studio.jupyter_lab import JupyterLab

TRANSIENT = ("Pending", "Updating", "Deleting")
FIRST_UID = 200001


class StudioResource(Resource):
    """A resource whose description has a Status."""

    @property
    def status(self) -> str:
        """The state that it is in."""
        return str(self.description["Status"])

    def enter(self, status: str, reason: str | None = None) -> None:
        """Enter a state, with its FailureReason if there is one."""
        with self.region.lock:
            self.update({"Status": status, "LastModifiedTime": now(), "FailureReason": reason})

    def release(self) -> None:
        """Delete what it keeps on this machine, as it is deleted itself."""

    def merge(self, changes: Structure, nested: Sequence[str]) -> None:
        """Change the description; of the `nested` members, only the settings that are named."""
        self.update(
            {
                member: {**self.description.get(member, {}), **value} if member in nested else value
                for member, value in changes.items()
            }
        )


@dataclass(eq=False)
class Domain(StudioResource):
    """A domain.

    Attributes:
        last_uid: the HomeEfsFileSystemUid that a profile or space was given last.
    """

    kind = "domain"
    noun = "Domain"
    named_by = ("DomainId",)

    last_uid: int = FIRST_UID

    def next_uid(self) -> str:
        """Return the HomeEfsFileSystemUid of one more profile or space."""
        self.last_uid += 1
        return str(self.last_uid)


class UserProfile(StudioResource):
    """A user profile of a domain."""

    kind = "user-profile"
    noun = "UserProfile"
    named_by = ("DomainId", "UserProfileName")


class Space(StudioResource):
    """A space of a domain."""

    kind = "space"
    noun = "Space"
    named_by = ("DomainId", "SpaceName")

    def release(self) -> None:
        """Delete the home folder."""
        homes.remove(settings.homes(), *self.path(self.description))


@dataclass(eq=False)
class App(StudioResource):
    """An app of a user profile or of a space.

    Attributes:
        running: its processes, if it is one that really runs.
    """

    kind = "app"
    noun = "App"
    named_by = ("DomainId", "AppType", "AppName")

    running: JupyterLab | None = None

    @classmethod
    def path(cls, members: Structure) -> tuple[str, ...]:
        """Return the names that an ARN is made of, the owner's among them.

        Raises:
            ServiceError: ValidationException unless there is exactly one owner.
        """
        owner = members.get("UserProfileName") or members.get("SpaceName")
        if owner is None or ("UserProfileName" in members and "SpaceName" in members):
            raise invalid("Name the owner of the app: either UserProfileName or SpaceName.")
        return members["DomainId"], owner, members["AppType"].lower(), members["AppName"]


class LifecycleConfig(Resource):
    """A script that apps start with."""

    kind = "studio-lifecycle-config"
    noun = "StudioLifecycleConfig"
    named_by = ("StudioLifecycleConfigName",)


R = TypeVar("R", bound=Resource)


def with_members(region: Region, resource_type: type[R], **values: Value) -> list[R]:
    """Return the resources of a type whose descriptions have these values of the API."""
    return [
        resource
        for resource in region.all(resource_type)
        if all(resource.description.get(member) == value for member, value in values.items())
    ]


def live_apps(region: Region, **values: Value) -> list[App]:
    """Return the apps with these members that are not Deleted.

    Deleted apps stay listed, but use nothing.
    """
    return [app for app in with_members(region, App, **values) if app.status != "Deleted"]


def check_unused(name: str, users: Mapping[type[Resource], Sequence[Resource]]) -> None:
    """Check that nothing uses a resource that is to be deleted.

    Args:
        name: of the resource, for the message.
        users: the resources that use it, by type.

    Raises:
        ServiceError: ResourceInUse.
    """
    for user_type, resources in users.items():
        if resources:
            raise in_use(
                f"Unable to delete {name} because {user_type.noun}(s) are associated with it."
            )
