"""The undertaker ends the processes of an account and removes its folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import layout, undertaker

SERVER = "import signal, time; signal.signal(signal.SIGUSR1, lambda *_: None); time.sleep(60)"


class Account:
    """Processes in place of an account's server and of a container, and their undertaker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = _start_group("-c", SERVER)
        self.container = _start_group("-c", "import time; time.sleep(60)")

    def start_undertaker(self) -> tuple[subprocess.Popen[bytes], int, int]:
        """Return the undertaker, and the ends of the pipes that owner and server hold."""
        groups = layout.process_groups(self.folder)
        groups.mkdir(parents=True)
        (groups / str(self.container.pid)).touch()
        (owner, owner_end), (server, server_end) = os.pipe(), os.pipe()
        arguments = [owner, server, self.server.pid, self.folder, groups]
        process = subprocess.Popen(
            [sys.executable, "-S", undertaker.__file__, *map(str, arguments)],
            pass_fds=[owner, server],
        )
        os.close(owner)
        os.close(server)
        return process, owner_end, server_end


def _start_group(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *arguments], start_new_session=True)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    running = Account(tmp_path / "account")
    yield running
    for process in (running.server, running.container):
        process.kill()
        process.wait()


def test_end_of_the_server_ends_containers_and_the_folder_goes_with_the_owner(
    account: Account,
) -> None:
    process, owner_end, server_end = account.start_undertaker()
    os.close(server_end)
    assert account.container.wait(20) == -signal.SIGKILL
    assert account.server.wait(20) == -signal.SIGKILL
    assert account.folder.exists()
    os.close(owner_end)
    assert process.wait(20) == 0
    assert not account.folder.exists()


def test_end_of_the_owner_lets_the_server_save_its_state_first(account: Account) -> None:
    process, owner_end, server_end = account.start_undertaker()
    os.close(owner_end)
    with pytest.raises(subprocess.TimeoutExpired):
        account.container.wait(1)
    os.close(server_end)
    assert account.container.wait(20) == -signal.SIGKILL
    assert process.wait(20) == 0
    assert not account.folder.exists()
