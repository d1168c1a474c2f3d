"""What a JupyterLab app runs at its start sets the lab up once, and keeps what a person edits."""

import base64
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pip
import pytest

from stacks import assets
from stacks.lab import on_start
from tests.unit.stacks import wheels

FIRST, SECOND = "0123456789abcdef", "fedcba9876543210"
AWS = """#!/bin/sh
[ "$1 $2 $3" = "s3 cp --only-show-errors" ] || exit 2
cp "$BUCKETS/${4#s3://}" "$5"
"""
# The real one, but for the seconds in which an environment gets its own copy of pip.
PYTHON = f"""#!/bin/sh
[ "$1 $2" = "-m venv" ] || exec "{sys.executable}" "$@"
"{sys.executable}" -m venv --without-pip "$3" &&
ln -s "{Path(pip.__file__).parent}" "$3"/lib/python*/site-packages/
"""


@dataclass
class Space:
    """The home of a space, and what its starts reach.

    Attributes:
        home: The space's home folder.
        buckets: Holds what the `aws` on the PATH copies from s3://.
        environment: Of each start.
    """

    home: Path
    buckets: Path
    environment: dict[str, str]

    @property
    def base(self) -> Path:
        return self.home / ".factorstack"

    def notebook(self, name: str = "lab.ipynb") -> Path:
        return self.home / "factorstack" / name

    def start(self, version: str = FIRST) -> str:
        """Start an app of the space; return what the script printed."""
        exports = {
            "FACTORSTACK_NAME": "mine",
            "FACTORSTACK_BUCKET": "mine-data",
            "FACTORSTACK_TRAINING_INSTANCE": "ml.m5.large",
            "FACTORSTACK_ENDPOINT_INSTANCE": "ml.t2.medium",
            "FACTORSTACK_KIT": f"s3://assets/{version}.zip",
        }
        done = subprocess.run(
            ["/bin/bash", "-c", on_start(exports)],
            env=self.environment, cwd=self.home, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert (self.home / "factorstack" / "setup.log").read_text() == done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of the kit, with packages that need no index; their notebooks differ."""
    folder = tmp_path_factory.mktemp("buckets")
    kit, packages = folder / "kit", folder / "packages"
    shutil.copytree(assets.lab_kit(), kit)
    packages.mkdir()
    uv = Path(sys.executable).with_name("uv")
    script = f'#!/bin/sh\nexec "{uv}" "$@" --no-index --find-links "{packages}"\n'
    (kit / "requirements-uv.txt").write_text(
        wheels.add(packages, "uv", {"uv-1.0.data/scripts/uv": script})
    )
    (kit / "notebooks" / "requirements.txt").write_text(
        wheels.add(packages, "packaged", {"packaged.py": "import contract\n"})
    )
    (folder / "assets").mkdir()
    for version in (FIRST, SECOND):
        for notebook in ("lab", "tour"):
            (kit / "notebooks" / f"{notebook}.ipynb").write_text(version)
        shutil.make_archive(str(folder / "assets" / version), "zip", kit)
    return folder


def _space(folder: Path, buckets: Path) -> Space:
    home, commands = folder / "home", folder / "bin"
    for each in (home, commands):
        each.mkdir(exist_ok=True)
    for name, script in (("aws", AWS), ("python3", PYTHON)):
        (commands / name).write_text(script)
        (commands / name).chmod(0o755)
    environment = {
        "HOME": str(home),
        "PATH": f"{commands}:{os.environ['PATH']}",
        "BUCKETS": str(buckets),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(buckets / "packages"),
    }
    return Space(home, buckets, environment)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, buckets: Path) -> Space:
    """A space of which an app has started once; tests do not change it."""
    space = _space(tmp_path_factory.mktemp("started"), buckets)
    assert "the lab is ready" in space.start()
    return space


@pytest.fixture
def space(tmp_path: Path, started: Space) -> Space:
    """A copy of `started`."""
    shutil.copytree(started.home, tmp_path / "home", symlinks=True)
    return _space(tmp_path, started.buckets)


def _kernel(space: Space, program: str) -> str:
    """Run `program` as the kernel would, by what is registered; return what it prints."""
    kernel = json.loads(
        (space.home / ".local/share/jupyter/kernels/factorstack/kernel.json").read_text()
    )
    done = subprocess.run(
        [kernel["argv"][0], "-c", program],
        env={**space.environment, **kernel["env"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_the_kernel_has_its_packages_and_the_names_of_the_deployment(started: Space) -> None:
    find = "import importlib.util as u; print(*(bool(u.find_spec(n)) for n in %r))"
    packages = ("packaged", "contract", "data_prep", "fm", "pandas")
    assert _kernel(started, find % (packages,)) == "True True True True False"
    name = "import os; print(os.environ['FACTORSTACK_NAME'], os.environ['FACTORSTACK_BUCKET'])"
    assert _kernel(started, name) == "mine mine-data"


def test_both_notebooks_are_in_the_folder(started: Space) -> None:
    assert started.notebook("lab.ipynb").read_text() == FIRST
    assert started.notebook("tour.ipynb").read_text() == FIRST


def test_what_was_needed_for_the_installation_does_not_stay(started: Space) -> None:
    kit = started.base / FIRST[:12]
    assert not (kit / "kit.zip").exists()
    assert not (kit / "cache").exists()


def test_a_second_start_fetches_and_installs_nothing(space: Space) -> None:
    (space.home.parent / "bin" / "aws").unlink()
    before = (space.base / FIRST[:12] / "venv").stat().st_mtime_ns
    assert space.start().startswith("the lab is ready")
    assert (space.base / FIRST[:12] / "venv").stat().st_mtime_ns == before


def test_an_edited_notebook_stays_at_every_start(space: Space) -> None:
    space.notebook().write_text("mine")
    for _ in range(2):
        space.start()
        assert space.notebook().read_text() == "mine"


def test_a_notebook_that_was_deleted_comes_back(space: Space) -> None:
    space.notebook().unlink()
    space.start()
    assert space.notebook().read_text() == FIRST


def test_a_new_version_replaces_what_nobody_edited_and_lies_beside_what_somebody_did(
    space: Space,
) -> None:
    space.notebook("lab.ipynb").write_text("mine")
    beside = f"lab-{SECOND[:12]}.ipynb"
    said = space.start(SECOND)
    assert f"lab.ipynb has been edited and stays as it is; its new version is {beside}" in said
    assert space.notebook("lab.ipynb").read_text() == "mine"
    assert space.notebook(beside).read_text() == SECOND
    assert space.notebook("tour.ipynb").read_text() == SECOND
    # The old version makes room, and what is edited beside stays, too.
    assert {path.name for path in space.base.iterdir()} == {SECOND[:12], "placed"}
    space.notebook(beside).write_text("mine, too")
    assert beside not in space.start(SECOND)
    assert space.notebook(beside).read_text() == "mine, too"


def test_a_kit_that_cannot_be_fetched_is_said_and_the_old_one_stays(space: Space) -> None:
    said = space.start("missing0version")
    assert "missing0version.zip" in said
    assert said.endswith(
        "the lab is not set up, for the reason above; stop and start the space to try again\n"
    )
    assert _kernel(space, "import packaged; print('works')") == "works"
    assert space.notebook().read_text() == FIRST


@pytest.mark.parametrize("ready", [None, "Python 2.7 of another image"])
def test_an_environment_that_is_half_made_or_of_another_python_is_made_anew(
    space: Space, ready: str | None
) -> None:
    kit = space.base / FIRST[:12]
    (kit / "venv" / "bin" / "python").unlink()
    (kit / "ready").unlink()
    if ready is not None:
        (kit / "ready").write_text(ready)
    assert "setting up the lab" in space.start()
    assert _kernel(space, "import packaged; print('works')") == "works"


def test_a_package_of_another_hash_is_not_installed(space: Space, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    wheels.add(packages, "uv", {"uv-1.0.data/scripts/uv": "#!/bin/sh\ntouch forged\n"})
    space.environment["PIP_FIND_LINKS"] = str(packages)
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in space.start(SECOND)
    assert not (space.home / "forged").exists()


def test_a_home_that_cannot_be_written_does_not_keep_the_app_from_starting(
    tmp_path: Path, buckets: Path
) -> None:
    space = _space(tmp_path, buckets)
    (space.home / ".factorstack").write_text("a file is in the way")
    assert "the lab is not set up" in space.start()


def test_the_script_and_its_variables_fit_into_a_lifecycle_configuration() -> None:
    # CreateStudioLifecycleConfig takes 16384 characters, in Base64.
    exports = {"FACTORSTACK_KIT": "x" * 300, "FACTORSTACK_BUCKET": "x" * 300}
    assert len(base64.b64encode(on_start(exports).encode())) < 16384


def test_bash_finds_no_fault_in_the_script() -> None:
    done = subprocess.run(
        ["/bin/bash", "-n"], input=on_start({}), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
