"""The network of the Studio domain: nothing in it costs money while it is idle."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from stacks.nag import acknowledge


class Network(Construct):
    """A VPC with two isolated subnets and a gateway to S3; no NAT gateway, no way out.

    A domain must have a VPC. Its apps reach the internet through a network of SageMaker's own, so
    that only their traffic to the home file system passes here.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/24"),
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Studio", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=26
                )
            ],
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)
            },
            # CDK's function for it would leave an undeclared log group; nothing uses the group.
            restrict_default_security_group=False,
        )
        acknowledge(
            self.vpc,
            "VPC7",
            "Only NFS between the apps and their home file system passes here; a flow log of it "
            "would cost more than it tells.",
        )
