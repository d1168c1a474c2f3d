"""The JSON of SageMaker's API as Python objects; botocore's model of the service has the shapes."""

from collections.abc import Mapping
from typing import Any

Value = Any  # a text, number, boolean, datetime, list, map or structure
# A structure of the model: a request, a response, or a part of one. Timestamps are datetimes.
Structure = Mapping[str, Value]
Request = Structure
Response = Structure
# What Describe answers about a resource; it changes as the resource does.
Description = dict[str, Value]
