"""Made-up titles, so that generated items can be shown to a person."""

import numpy as np

_FIRST = (
    "Amber Autumn Blue Bright Broken Copper Crimson Distant Early Emerald Endless Fallen "
    "Frozen Gentle Golden Hidden Hollow Ivory Last Lonely Midnight Northern Painted Paper "
    "Quiet Restless Scarlet Secret Silver Sleeping Velvet Winter"
)
_SECOND = (
    "Arcade Bridge Canyon Castle Coast Compass Crossing Desert Engine Forest Garden Harbour "
    "Horizon Island Lantern Letter Meadow Mirror Mountain Orchard Palace Parade Planet "
    "Railway River Signal Station Storm Summer Tower Valley Voyage"
)


def draw_titles(random: np.random.Generator, items: int) -> list[str]:
    """Draw a different title, such as "Amber Harbour 2", for each item."""
    firsts, seconds = _FIRST.split(), _SECOND.split()
    pairs = len(firsts) * len(seconds)
    numbers, places = np.divmod(random.permutation(items), pairs)
    first, second = np.divmod(random.permutation(pairs)[places], len(seconds))
    return [
        f"{firsts[a]} {seconds[b]}" + (f" {number + 1}" if number else "")
        for a, b, number in zip(first.tolist(), second.tolist(), numbers.tolist(), strict=True)
    ]
