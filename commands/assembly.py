"""What `cdk synth` makes: the templates, and the bootstrap version that they need."""

import json
from dataclasses import dataclass
from pathlib import Path

from commands.cdk import cdk
from commands.console import step
from commands.deployment import ROOT
from commands.quota_needs import Template

FOLDER = ROOT / "build" / "cdk.out"


@dataclass(frozen=True)
class Assembly:
    """The cloud assembly of the app.

    Attributes:
        folder: where it is; `cdk deploy --app` takes it.
        templates: by stack.
        bootstrap_version: the least that CDK's bootstrap stack must have.
    """

    folder: Path
    templates: dict[str, Template]
    bootstrap_version: int

    @classmethod
    def synthesise(cls) -> "Assembly":
        """Synthesise the app, with the settings of `cdk.json`.

        Raises:
            CommandError: a setting or the region is refused; the message says why.
        """
        with step("cdk synth") as current:
            cdk(current, "synth", "--quiet", "--output", str(FOLDER))
        return cls.read(FOLDER)

    @classmethod
    def read(cls, folder: Path) -> "Assembly":
        """Return the assembly in a folder."""
        artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
        stacks = {
            name: artifact["properties"]
            for name, artifact in artifacts.items()
            if artifact["type"] == "aws:cloudformation:stack"
        }
        return cls(
            folder,
            {
                name: json.loads((folder / stack["templateFile"]).read_text())
                for name, stack in stacks.items()
            },
            max(stack["requiresBootstrapStackVersion"] for stack in stacks.values()),
        )
