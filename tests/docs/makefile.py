"""What the Makefile has: targets, and the variables that each of them reads."""

import os
import re
import subprocess
from functools import cache

from tests.docs.pages import ROOT


def targets() -> set[str]:
    """Return the names of all targets."""
    return set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def reads(target: str, variable: str) -> bool:
    """Tell whether what a target runs depends on a variable."""
    return recipe(target) != recipe(target, f"{variable}=1")


@cache
def recipe(target: str, *assignments: str) -> str:
    """Return what make would run for a target, with the variables that are assigned."""
    # Under `make unit`, this make would take that one's options.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    command = ["make", "--dry-run", "--always-make", target, *assignments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout
