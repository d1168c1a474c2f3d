"""Whether a second model for ranking is worth its price: one by time, beside the random split.

A random split asks a model to fill gaps among interactions that it knows, later ones among them. A
split by time asks what happened next, as service does (Ji et al., 2023, A Critical Study on Data
Leakage in Recommender System Offline Evaluation), of a model that was trained on what came before.
"""

from data_prep.column_settings import Columns
from data_prep.settings import Split
from data_prep.size_plan import COMFORTABLE


def why_not(
    split: Split, columns: Columns, non_zeros: int, *, wanted: bool | None = None
) -> str | None:
    """Return why no second model for ranking is trained by time, or None if one is.

    Args:
        split: that of the first model.
        columns: the column of each role, with those that were detected.
        non_zeros: of the first model's training part.
        wanted: what a person said; None: nothing, so it is trained unless the data are large.
    """
    if wanted is False:
        return "evaluation.by_time is false"
    if split.by_time:
        return "the split is by time already"
    if columns.timestamp is None:
        return "the interactions have no timestamps"
    if wanted is None and non_zeros > COMFORTABLE:
        return (
            f"a second training of {non_zeros:,} non-zeros, more than the {COMFORTABLE / 1e6:.0f} "
            'million that are comfortable, must be asked for by {"evaluation": {"by_time": true}}'
        )
    return None
