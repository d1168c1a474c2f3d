"""`python -m local.fm_container train|serve`: the commands of the container, over any /opt/ml."""

import argparse
import sys
from pathlib import Path

from local.fm_container.errors import (
    OUT_OF_MEMORY,
    UNEXPECTED,
    AlgorithmError,
    ContainerError,
    CustomerError,
)
from local.fm_container.opt_ml import OptMl


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return the container's exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.fm_container", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train on ROOT/input, write ROOT/model")
    train.add_argument("--seed", type=int, help="start from the same numbers every time")
    serve = commands.add_parser("serve", help="serve ROOT/model over HTTP")
    serve.add_argument("--port", type=int, default=8080)
    for command in (train, serve):
        command.add_argument("--root", type=Path, required=True, help="what stands for /opt/ml")
    options = parser.parse_args(arguments)
    opt_ml = OptMl(options.root)
    if options.command == "serve":
        from local.fm_container.inference.serving import serve as run_server

        return run_server(opt_ml, options.port)
    return _train(opt_ml, options.seed)


def _train(opt_ml: OptMl, seed: int | None) -> int:
    from local.fm_container.training import train

    try:
        train(opt_ml, seed)
    except ContainerError as error:
        return _fail(opt_ml, error)
    except MemoryError:
        return _fail(opt_ml, CustomerError(OUT_OF_MEMORY, "MemoryError"))
    except Exception as error:
        return _fail(opt_ml, AlgorithmError(UNEXPECTED, type(error).__name__, str(error)))
    return 0


def _fail(opt_ml: OptMl, error: ContainerError) -> int:
    from local.fm_container.log import Log

    opt_ml.failure.parent.mkdir(parents=True, exist_ok=True)
    opt_ml.failure.write_text(error.report)
    Log("algo-1").line(error.report, "ERROR")
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
