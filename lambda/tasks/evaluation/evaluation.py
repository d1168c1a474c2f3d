"""The whole evaluation of a model: its scores of the held-out rows, and its lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data_prep.held_out import HeldOut
from fm.arrays import Float32s
from fm.model import Model
from tasks.evaluation import audience, examples, list_makers, ranking
from tasks.evaluation.audience import Audience
from tasks.evaluation.contenders import Contender, Live
from tasks.evaluation.examples import Example
from tasks.evaluation.list_makers import ListMakers
from tasks.evaluation.measurements import Measurements, Ranking
from tasks.evaluation.ranking import Lists
from tasks.evaluation.scores import Scored, Scores
from tasks.run.catalogue import Catalogue
from tasks.run.errors import ModelRejected

GIVEN = (5, 10, 20)  # so many items of a stranger are known


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How good a model is, for metrics.json and for the report.

    Attributes:
        labels: of the held-out rows, shape (n,).
        scores: of the same rows, by system.
        measurements: all metrics of all systems.
        examples: lists of single users; empty where users have no histories.
    """

    labels: Float32s
    scores: Scores
    measurements: Measurements
    examples: Sequence[Example]


def evaluate(scored: Scored, catalogue: Catalogue, held_out: HeldOut, live: Live) -> Evaluation:
    """Compare the lists of all systems, and put them beside the scores.

    Args:
        scored: the scores of the held-out rows, and the models.
        catalogue: the run's users and items.
        held_out: the held-out interactions, and the strangers.
        live: what is live; `scored` has its scores if it can be compared.
    """
    manifest = catalogue.encoder.manifest
    compared = _list_makers(scored, catalogue, held_out, live)
    warm = audience.warm(catalogue, held_out, scored.liked_from)
    lists = ranking.lists(compared.makers, warm)
    known_by = {
        given: audience.strangers(catalogue, held_out, given) for given in _given(catalogue)
    }
    measured = Ranking(
        users=len(warm),
        items=catalogue.items,
        comparison=ranking.compare_lists(lists, warm, catalogue),
        overlap_with_live=ranking.overlap_with_live(lists),
        strangers={
            given: ranking.compare_strangers(
                ranking.lists(compared.makers, asked), asked, catalogue
            )
            for given, asked in known_by.items()
        },
        not_compared=compared.not_compared,
    )
    measurements = Measurements(
        manifest.purpose, manifest.predictor_type, len(scored.labels), scored.comparison, measured
    )
    shown = tuple(_examples(lists, warm, catalogue))
    return Evaluation(scored.labels, scored.scores, measurements, shown)


def evaluate_by_time(model: Model, catalogue: Catalogue, held_out: HeldOut) -> Ranking:
    """Compare the lists of a model by time with those that need no training job.

    Nothing that is live is among them: it may have learned from what happened since.

    Args:
        model: the model, of a run for ranking whose latest interactions are held out.
        catalogue: the users and items of its training part.
        held_out: the latest interactions.

    Raises:
        ModelRejected: not every weight of the model is a finite number.
    """
    if not all(np.isfinite(part).all() for part in (model.bias, model.linear, model.factors)):
        raise ModelRejected("its weights are not finite: training diverged")
    learned = list_makers.from_histories(catalogue, held_out.strangers)
    by_model = list_makers.by_model(Contender(model), catalogue)
    warm = audience.warm(catalogue, held_out, liked_from=1.0)
    lists = ranking.lists({"model": by_model, **learned.makers}, warm)
    return Ranking(
        users=len(warm),
        items=catalogue.items,
        comparison=ranking.compare_lists(lists, warm, catalogue),
        not_compared=learned.not_compared,
    )


def _list_makers(scored: Scored, catalogue: Catalogue, held_out: HeldOut, live: Live) -> ListMakers:
    if catalogue.history_field:
        learned = list_makers.from_histories(catalogue, held_out.strangers)
    else:
        learned = list_makers.from_rows(catalogue, scored.item_likes)
    models = {
        system: list_makers.by_model(contender, catalogue)
        for system, contender in scored.contenders.items()
    }
    reasons = dict(learned.not_compared)
    if live.why_not is not None:
        reasons["live"] = live.why_not
    return ListMakers({**models, **learned.makers}, reasons)


def _given(catalogue: Catalogue) -> Sequence[int]:
    return GIVEN if catalogue.history_field else ()


def _examples(lists: Lists, warm: Audience, catalogue: Catalogue) -> Iterator[Example]:
    if lists and warm.histories is not None:
        yield from examples.of_quartiles(lists["model"], warm, catalogue)
