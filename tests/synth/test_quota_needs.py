"""The preflight finds in the templates everything that a deployment asks of an account."""

from pathlib import Path

import pytest

from commands import quota_needs
from commands.assembly import Assembly
from stacks.settings import Settings

MINE = Settings(name="mine")


@pytest.fixture(scope="module")
def read(assembly: Path) -> Assembly:
    return Assembly.read(assembly)


def test_training_endpoint_and_notebook_instances_are_found(read: Assembly) -> None:
    assert {(need.name, need.least) for need in quota_needs.quota_needs(read.templates)} == {
        (f"{MINE.training.instance_type} for training job usage", 1),
        (f"{MINE.endpoint.instance_type} for endpoint usage", 2),
        (f"Studio JupyterLab Apps running on {MINE.studio.instance_type} instances", 1),
    }


def test_each_need_names_a_setting(read: Assembly) -> None:
    for need in quota_needs.quota_needs(read.templates):
        section, key = need.setting.split(".")
        assert hasattr(getattr(MINE, section), key)


def test_the_domain_the_memory_and_the_bootstrap_version_are_found(read: Assembly) -> None:
    assert quota_needs.domain_names(read.templates) == ["mine"]
    assert quota_needs.function_memory(read.templates) == MINE.functions.memory_mib
    assert read.bootstrap_version >= 6
