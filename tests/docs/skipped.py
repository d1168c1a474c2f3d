"""The commands of the pages that `make test-docs` does not execute, each with its reason."""

_CHECKS = "one of the checks themselves, which run on their own"

# The command without its comment -> why it is not executed.
SKIPPED = {
    "make test": _CHECKS,
    "make unit": _CHECKS,
}
