"""The table of what regions lack covers the resource types of the templates."""

import json
from importlib import resources

from contract.fm_images import ACCOUNTS
from stacks.region_offers import MISSING_TYPES
from tests.synth.conftest import Templates

PROVIDERS = resources.files("cfnlint") / "data" / "schemas" / "providers"


def test_types_that_a_region_lacks_are_in_the_table(templates: Templates) -> None:
    used = {
        resource["Type"]
        for template in templates.values()
        for resource in template["Resources"].values()
        if resource["Type"].startswith("AWS::") and resource["Type"] != "AWS::CDK::Metadata"
    }
    for region in ACCOUNTS:
        schemas = PROVIDERS / f"{region}.json"
        if schemas.is_file():  # me-south-1 has none
            missing = used - json.loads(schemas.read_text()).keys()
            assert missing == set(MISSING_TYPES.get(region, ())), region
