"""DrainDomain empties a domain in the order that SageMaker demands, and leaves CloudFormation's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from cleanup import drain_domain
from cleanup.deletion_plan import Call, Plan
from cleanup.descriptions import App, Space, UserProfile
from cleanup.drain_domain import Contents
from cleanup.resource import Event
from contract.cleanup_properties import DrainDomainProperties

DOMAIN = "d-abcdefghijkl"
KEEP = {"keep_spaces": ["lab"], "keep_profiles": ["user"]}
PROPERTIES: DrainDomainProperties = {
    "DomainId": DOMAIN,
    "RecordParameter": "Records",
    "Stage": "inner",
}


def app(space_name: str, status: str = "InService", name: str = "default") -> App:
    return {
        "DomainId": DOMAIN,
        "SpaceName": space_name,
        "AppType": "JupyterLab",
        "AppName": name,
        "Status": status,
    }


def app_of_profile(profile_name: str) -> App:
    return {
        "DomainId": DOMAIN,
        "UserProfileName": profile_name,
        "AppType": "JupyterLab",
        "AppName": "default",
        "Status": "InService",
    }


def space(name: str, status: str = "InService") -> Space:
    return {"SpaceName": name, "Status": status}


def profile(name: str, status: str = "InService") -> UserProfile:
    return {"UserProfileName": name, "Status": status}


def plan(
    *,
    apps: Sequence[App] = (),
    spaces: Sequence[Space] = (),
    profiles: Sequence[UserProfile] = (),
    keep: dict[str, list[str]] = KEEP,
) -> Plan:
    return drain_domain.plan(Contents(DOMAIN, apps, spaces, profiles), **keep)


def operations(made: Plan) -> list[str]:
    return [call.operation for call in made.calls]


def test_an_app_of_a_space_is_deleted_by_its_space(check_calls: Callable[[Plan], None]) -> None:
    made = plan(apps=[app("lab")])
    check_calls(made)
    assert made.calls[0].parameters == {
        "DomainId": DOMAIN,
        "SpaceName": "lab",
        "AppType": "JupyterLab",
        "AppName": "default",
    }


def test_an_app_of_a_user_profile_is_deleted_by_its_profile(
    check_calls: Callable[[Plan], None],
) -> None:
    made = plan(apps=[app_of_profile("user")])
    check_calls(made)
    assert made.calls[0].parameters["UserProfileName"] == "user"
    assert "SpaceName" not in made.calls[0].parameters


@pytest.mark.parametrize("status", ["Pending", "Deleting"])
def test_an_app_on_its_way_is_waited_for(status: str) -> None:
    made = plan(apps=[app("lab", status)], spaces=[space("other")])
    assert made.calls == ()
    assert f"app default ({status})" in made.remaining


def test_a_deleted_app_that_is_still_listed_is_nothing() -> None:
    assert plan(apps=[app("lab", "Deleted")]) == Plan()


def test_a_failed_app_is_deleted_but_not_waited_for(check_calls: Callable[[Plan], None]) -> None:
    made = plan(apps=[app("lab", "Failed")])
    check_calls(made)
    assert operations(made) == ["delete_app"]
    assert made.remaining == ()


def test_a_space_made_by_hand_is_deleted_once_no_app_is_left(
    check_calls: Callable[[Plan], None],
) -> None:
    spaces = [space("lab"), space("other")]
    assert operations(plan(apps=[app("other")], spaces=spaces)) == ["delete_app"]
    made = plan(spaces=spaces)
    check_calls(made)
    assert [call.parameters["SpaceName"] for call in made.calls] == ["other"]


def test_a_user_profile_made_by_hand_is_deleted_once_no_space_of_others_is_left(
    check_calls: Callable[[Plan], None],
) -> None:
    profiles = [profile("user"), profile("guest")]
    assert operations(plan(spaces=[space("other")], profiles=profiles)) == ["delete_space"]
    made = plan(profiles=profiles)
    check_calls(made)
    assert [call.parameters["UserProfileName"] for call in made.calls] == ["guest"]


def test_a_space_whose_deletion_failed_is_tried_again() -> None:
    assert operations(plan(spaces=[space("other", "Delete_Failed")])) == ["delete_space"]


def test_what_is_kept_is_not_in_the_way() -> None:
    assert plan(spaces=[space("lab")], profiles=[profile("user")]) == Plan()


def test_with_nothing_to_keep_all_of_it_is_in_the_way() -> None:
    made = plan(spaces=[space("lab")], keep={"keep_spaces": [], "keep_profiles": []})
    assert made.remaining == ("space lab (InService)",)


NAMES = st.sampled_from(["lab", "user", "other", "guest"])
MEMBER_STATUSES = st.sampled_from(["InService", "Pending", "Failed", "Delete_Failed", "Deleting"])
APP_STATUSES = st.sampled_from(["InService", "Pending", "Failed", "Deleting", "Deleted"])


@dataclass
class Domain:
    """A domain that enforces SageMaker's order, and takes a look to finish each deletion."""

    apps: dict[str, str]
    spaces: dict[str, str]
    profiles: dict[str, str]
    refused: list[Call] = field(default_factory=list)

    def contents(self) -> Contents:
        return Contents(
            DOMAIN,
            [app(name, status, name) for name, status in self.apps.items()],
            [space(*item) for item in self.spaces.items()],
            [profile(*item) for item in self.profiles.items()],
        )

    def apply(self, call: Call) -> None:
        live = [name for name, status in self.apps.items() if status not in ("Deleted", "Failed")]
        key = {"delete_app": "AppName", "delete_space": "SpaceName"}
        name = str(call.parameters[key.get(call.operation, "UserProfileName")])
        if call.operation == "delete_app":
            if self.apps[name] != "Failed":
                self.apps[name] = "Deleting"
        elif live:
            self.refused.append(call)
        elif call.operation == "delete_space":
            self.spaces[name] = "Deleting"
        else:
            self.profiles[name] = "Deleting"

    def tick(self) -> None:
        forward = {"Deleting": "Deleted", "Pending": "InService"}
        self.apps = {name: forward.get(status, status) for name, status in self.apps.items()}
        for members in (self.spaces, self.profiles):
            for name in [name for name, status in members.items() if status == "Deleting"]:
                del members[name]


@given(
    st.dictionaries(NAMES, APP_STATUSES),
    st.dictionaries(NAMES, MEMBER_STATUSES),
    st.dictionaries(NAMES, MEMBER_STATUSES),
)
def test_any_domain_ends_with_only_what_is_kept_and_no_call_out_of_order(
    apps: dict[str, str], spaces: dict[str, str], profiles: dict[str, str]
) -> None:
    domain = Domain(apps, dict(spaces), dict(profiles))
    for _ in range(20):
        made = drain_domain.plan(domain.contents(), **KEEP)
        if not made.remaining:
            break
        for call in made.calls:
            domain.apply(call)
        domain.tick()
    assert not made.remaining
    assert not domain.refused
    # What CloudFormation owns was not asked to go: it is there unless it was on its way already.
    for members, before, kept in (
        (domain.spaces, spaces, "lab"),
        (domain.profiles, profiles, "user"),
    ):
        assert set(members) <= {kept}
        assert kept in members or before.get(kept, "Deleting") == "Deleting"


# On Delete, too: an update of the parameter writes the template's empty list over the records.
@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
def test_the_domain_is_written_down_with_its_file_system_and_groups(
    stub: Callable[[str], Stubber], request_type: Literal["Create", "Update", "Delete"]
) -> None:
    stub("sagemaker").add_response(
        "describe_domain",
        {
            "DomainId": DOMAIN,
            "DomainArn": f"arn:aws:sagemaker:eu-west-1:111122223333:domain/{DOMAIN}",
            "HomeEfsFileSystemId": "fs-0123456789abcdef0",
            "VpcId": "vpc-1",
        },
        {"DomainId": DOMAIN},
    )
    names = [f"security-group-for-{way}-nfs-{DOMAIN}" for way in ("inbound", "outbound")]
    stub("ec2").add_response(
        "describe_security_groups",
        {"SecurityGroups": [{"GroupId": "sg-2"}, {"GroupId": "sg-1"}]},
        {
            "Filters": [
                {"Name": "vpc-id", "Values": ["vpc-1"]},
                {"Name": "group-name", "Values": names},
            ]
        },
    )
    ssm = stub("ssm")
    ssm.add_response("get_parameter", {"Parameter": {"Value": "[]"}}, {"Name": "Records"})
    ssm.add_response(
        "put_parameter",
        {},
        {
            "Name": "Records",
            "Type": "String",
            "Overwrite": True,
            "Value": f'[{{"domain_id": "{DOMAIN}", '
            '"file_system_id": "fs-0123456789abcdef0", "security_group_ids": ["sg-1", "sg-2"]}]',
        },
    )
    event: Event[DrainDomainProperties] = {
        "RequestType": request_type,
        "ResourceProperties": PROPERTIES,
    }
    assert drain_domain.on_event(event, None)["PhysicalResourceId"] == f"{DOMAIN}-inner"


def test_a_domain_deleted_by_hand_is_not_written_down(stub: Callable[[str], Stubber]) -> None:
    stub("sagemaker").add_client_error("describe_domain", "ResourceNotFound")
    event: Event[DrainDomainProperties] = {
        "RequestType": "Delete",
        "ResourceProperties": PROPERTIES,
    }
    assert drain_domain.on_event(event, None)["PhysicalResourceId"] == f"{DOMAIN}-inner"


def test_a_domain_deleted_by_hand_is_empty(stub: Callable[[str], Stubber]) -> None:
    stub("sagemaker").add_client_error("describe_domain", "ResourceNotFound")
    event: Event[DrainDomainProperties] = {
        "RequestType": "Delete",
        "ResourceProperties": PROPERTIES,
        "Deadline": 0,
    }
    assert drain_domain.is_complete(event, None) == {"IsComplete": True}
