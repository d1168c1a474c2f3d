"""What every function runs on: Lambda's Python and processor, and what packages call them."""

from aws_cdk import aws_lambda as lambda_

RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64
PYTHON_VERSION = RUNTIME.name.removeprefix("python")
PACKAGE_PLATFORM = "aarch64-manylinux_2_28"  # of ARCHITECTURE, with the glibc of RUNTIME
