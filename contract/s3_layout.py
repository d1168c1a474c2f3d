"""Where everything is in a deployment's bucket: uploads, what runs and notebooks write, the lock.

Names that end in `/` are folders. A run's names are relative to `run_prefix`, those of its second
model, which is trained by time, to the folder `BY_TIME` below it.
"""

import re

RAW = "raw/"
RUNS = "runs/"
LAB = "lab/"
DEPLOYMENT = "deployment/"
LOCK = f"{DEPLOYMENT}lock.json"
LIVE = f"{DEPLOYMENT}live.json"  # which artifact is live

DATA = "data/"
MODEL = "model/"
REPORT = "report/"
RECOMMENDATIONS = "recommendations/"
BY_TIME = "by-time/"

MANIFEST_FILE = "manifest.json"
VOCABULARY_FOLDER = "vocabulary/"
HELD_OUT_FILE = "held_out.parquet"
STRANGERS_FILE = "strangers.parquet"
METRICS = f"{REPORT}metrics.json"
REPORT_PAGE = f"{REPORT}report.html"

_ARTIFACT = re.compile(
    rf"s3://(?P<bucket>[^/]+)/{RUNS}(?P<execution>[^/]+)/{MODEL}.+\.tar\.gz", re.DOTALL
)


def run_prefix(execution: str) -> str:
    """Return the folder of the run of `execution`."""
    return f"{RUNS}{execution}/"


def part(name: str) -> str:
    """Return the name of a RecordIO file, of part `train` or `test`, in a run's `DATA` folder."""
    return f"{name}.recordio"


def run_of_artifact(model_data_url: str) -> tuple[str, str] | None:
    """Return bucket and execution of the run that wrote an artifact, or None if no run did.

    A model by time is none of those: it is there to be judged, and never served.
    """
    match = _ARTIFACT.fullmatch(model_data_url)
    return (match["bucket"], match["execution"]) if match else None
