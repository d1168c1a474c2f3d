"""When things happen: the time as SageMaker gives it, and work that is done later."""

import datetime
import threading
import time
from collections.abc import Callable

from local.sagemaker.core import settings

SERVING_POLL_SECONDS = 0.05


def now() -> datetime.datetime:
    """Return the time as SageMaker gives it: UTC, in milliseconds."""
    current = datetime.datetime.now(datetime.UTC)
    return current.replace(microsecond=current.microsecond // 1000 * 1000)


def later(work: Callable[[], None], delay: float | None = None) -> None:
    """Run `work` on a thread of its own after `delay` seconds, by default those of a state."""
    timer = threading.Timer(settings.state_delay() if delay is None else delay, work)
    timer.daemon = True
    timer.start()


def once_serving(work: Callable[[], None]) -> None:
    """Run `work` on a thread of its own as soon as the account takes requests."""

    def wait_and_work() -> None:
        while not settings.is_serving():
            time.sleep(SERVING_POLL_SECONDS)
        work()

    threading.Thread(target=wait_and_work, daemon=True).start()
