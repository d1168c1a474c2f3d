"""EvaluateModel: how well the trained artifact and the popularity baseline score held-out rows."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
