"""The flags of a command as they arrive: all of them, empty unless given."""

from argparse import Namespace

from commands import options


def flag_values(**values: str) -> Namespace:
    return Namespace(**dict.fromkeys(options.INTERACTIONS, "") | values)
