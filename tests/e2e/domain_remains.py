"""What makes a domain's remains hard to find: records that are lost, and half a domain."""

import json

from contract.names import DEPLOYMENT_TAG, MANAGED_TAG, parameter_prefix, stack_name
from tests.e2e.deployment import Deployment

HALF_MADE = "d-halfmadehalf"


def forget_the_domain(deployment: Deployment) -> None:
    """Update the Studio stack's parameter, which puts the template's value over the records."""
    cloudformation = deployment.client("cloudformation")
    stack = stack_name(deployment.name, "studio")
    template = cloudformation.get_template(StackName=stack)["TemplateBody"]
    body = template if isinstance(template, dict) else json.loads(template)
    (parameter,) = (
        resource["Properties"]
        for resource in body["Resources"].values()
        if resource["Type"] == "AWS::SSM::Parameter"
    )
    parameter["Description"] = "Another one."
    s3 = deployment.client("s3")
    (bucket,) = (
        each["Name"] for each in s3.list_buckets()["Buckets"] if each["Name"].startswith("cdk-")
    )
    s3.put_object(Bucket=bucket, Key="updated.json", Body=json.dumps(body))
    cloudformation.update_stack(
        StackName=stack,
        TemplateURL=s3.generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": "updated.json"}
        ),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 1}
    )
    name = f"{parameter_prefix(deployment.name)}studio-records"
    value = deployment.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    assert value == "[]", "CloudFormation is expected to have overwritten the records"


def leave_half_a_domain(deployment: Deployment) -> None:
    """Leave in the VPC what a domain makes whose creation then fails."""
    ec2, efs = deployment.client("ec2"), deployment.client("efs")
    ours = [{"Name": f"tag:{DEPLOYMENT_TAG}", "Values": [deployment.name]}]
    (vpc,) = (each["VpcId"] for each in ec2.describe_vpcs(Filters=ours)["Vpcs"])
    group = ec2.create_security_group(
        GroupName=f"security-group-for-inbound-nfs-{HALF_MADE}", Description="x", VpcId=vpc
    )["GroupId"]
    (subnet, *_) = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    domain = f"arn:aws:sagemaker:{deployment.account.region}:000000000000:domain/{HALF_MADE}"
    system = efs.create_file_system(
        CreationToken=HALF_MADE, Tags=[{"Key": MANAGED_TAG, "Value": domain}]
    )["FileSystemId"]
    efs.create_mount_target(
        FileSystemId=system, SubnetId=subnet["SubnetId"], SecurityGroups=[group]
    )
