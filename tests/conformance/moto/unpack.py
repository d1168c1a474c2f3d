"""Adapts moto's tests to an account that validates its input: `unpack.py SDIST FOLDER`.

moto's mock accepts roles, images and buckets that cannot exist. `REPLACED` replaces them by those
of the local account, which has an artifact for them; everything else stays as it is.
"""

import re
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fm import Model, artifact

ACCOUNT = "000000000000"
IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/FakeRole"
CALL = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"  # the arguments of a call, with brackets
CONTAINER = f'{{"Image": "{IMAGE}:1", "ModelDataUrl": "s3://my-bucket/model.tar.gz"}}'
REPLACED: dict[str, str | Callable[[re.Match[str]], str]] = {
    r"from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT_ID": f'ACCOUNT_ID = "{ACCOUNT}"',
    r"\b123456789012\b": ACCOUNT,
    # ARNs of roles that are not ARNs of roles
    r"arn:aws:sagemaker:[\w-]+:0{12}:x-x/(foo|bar)(foo|bar)[-\w{}]*": ROLE,
    r"role_arn=resource_arn": f'role_arn="{ROLE}"',
    # images of other algorithms or another region; models without an image
    r"\d{12}\.dkr\.ecr\.us-east-\d\.amazonaws\.com/(linear-learner|kmeans)": IMAGE,
    r"(VpcConfig=vpc_config.response_object,)": rf"\1 PrimaryContainer={CONTAINER},",
    r"(ExecutionRoleArn=TEST_ROLE_ARN,\n +)(Tags=)": rf"\1PrimaryContainer={CONTAINER}, \2",
    r'PrimaryContainer=\{\s+"Image": "[^"]+",\s+\}': f"PrimaryContainer={CONTAINER}",
    r'\{"Image": image\}': '{"Image": image, "ModelDataUrl": "s3://my-bucket/model.tar.gz"}',
    # names that AWS writes in lower case in ARNs
    r'(?<=["/])(My|Other|Silly)\w*(Model|Name|Endpoint|Config|Job)\d?(?=")': lambda name: name[
        0
    ].lower(),
    # names of buckets, models and stacks, and URIs, that the services' patterns refuse
    r"s3://MyBucket/": "s3://my-bucket/",
    r'"S3Uri": "input"': '"S3Uri": "s3://my-bucket/input"',
    r'("S3OutputPath": )("some-bucket"|bucket),': r'\1"s3://my-bucket/output",',
    r'"data_capture"': '"s3://my-bucket/data_capture"',
    r'f?"(blah_model|my-model)[-\w{}]*"': '"mymodelname"',
    r"\}_stack": "}-stack",
    # waits, since moto's calls are complete when they return
    rf"( +)(cf\.(create|update|delete)_stack{CALL}\n)": (
        r'\1\2\1cf.get_waiter("stack_\3_complete")'
        r'.wait(StackName=stack_name, WaiterConfig={"Delay": 1})\n'
    ),
    rf"( +)(resp = (\w+)\.create_endpoint{CALL}\n)": (
        r'\1\2\1\3.get_waiter("endpoint_in_service").wait('
        r'EndpointName=resp["EndpointArn"].rpartition("/")[2], WaiterConfig={"Delay": 1})\n'
    ),
    r"\n    ((\w+)\.delete_endpoint(\(EndpointName=\w+)\)\n)": (
        r'\n    \1    \2.get_waiter("endpoint_deleted").wait\3, WaiterConfig={"Delay": 1})\n'
    ),
}


def main(sdist: Path, folder: Path) -> None:
    """Unpack the tests into `folder`, adapt them, and write `model.tar.gz` beside them."""
    with tarfile.open(sdist) as archive:
        for member in archive:
            member.name = member.name.partition("/")[2]
            if member.isfile() and re.match(r"tests/(\w+\.py|test_sagemaker)", member.name):
                archive.extract(member, folder, filter="data")
    for path in (folder / "tests").glob("test_sagemaker*/*.py"):
        text = path.read_text()
        for pattern, replacement in REPLACED.items():
            text = re.sub(pattern, replacement, text)
        path.write_text(text)
    weights = np.zeros(3, np.float32), np.ones((3, 1), np.float32)
    artifact.write(folder / "model.tar.gz", Model(0.0, *weights, "regressor"))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
