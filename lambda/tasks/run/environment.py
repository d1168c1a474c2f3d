"""The environment of a function: read once by its handler, typed, and handed down as values.

Libraries read no environment. Which variables each function has is `contract.environment`; a test
compares it with what the handlers declare.
"""

import os
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

from tasks.run.errors import MissingVariableError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

EnvironmentT = TypeVar("EnvironmentT", bound="DataclassInstance")


def read(environment_type: type[EnvironmentT]) -> EnvironmentT:
    """Return the environment of this function.

    Args:
        environment_type: a dataclass of texts; the field `serving_stack` holds SERVING_STACK.

    Raises:
        MissingVariableError: variables are not set or empty; the message names them.
    """
    values = {
        field.name: os.environ.get(field.name.upper(), "") for field in fields(environment_type)
    }
    missing = [name.upper() for name, value in values.items() if not value]
    if missing:
        raise MissingVariableError(
            f"the function's environment lacks {', '.join(missing)}: deploy the Pipeline stack "
            "again (make deploy)"
        )
    return environment_type(**values)
