"""The metrics: their names are those that `fm` computes."""

from fm import ranking_metrics, weighted_metrics
from tasks.run.metric import DEFAULT, METRICS, of_gate, of_lists


def test_the_names_are_those_of_the_computed_metrics() -> None:
    computed = {
        *weighted_metrics.CLASSIFICATION,
        *weighted_metrics.REGRESSION,
        *ranking_metrics.NAMES,
        *ranking_metrics.BREADTH,
    }
    assert set(METRICS) == computed


def test_the_lists_metrics_rank() -> None:
    ranking = {metric.name for metric in METRICS.values() if metric.ranks}
    assert ranking == {*ranking_metrics.NAMES, *ranking_metrics.BREADTH}


def test_losses_and_errors_are_better_when_lower() -> None:
    lower = {metric.name for metric in METRICS.values() if metric.lower_is_better}
    assert lower == {"log_loss", "ece", "rmse", "mae"}
    assert METRICS["rmse"].sign == -METRICS["auc"].sign == -1


def test_a_gate_decides_by_metrics_of_its_predictor_type() -> None:
    assert of_gate("regressor") == [*weighted_metrics.REGRESSION, *ranking_metrics.NAMES]
    assert of_gate("binary_classifier")[:2] == ["auc", "log_loss"]


def test_a_ranking_metric_is_found_by_family_and_cutoff() -> None:
    assert of_lists("ndcg", 10).name == "ndcg@10"


def test_each_purpose_has_a_metric_that_decides() -> None:
    names = {purpose: metric.name for purpose, metric in DEFAULT.items()}
    assert names == {"ranking": "ndcg@10", "classification": "auc", "rating": "rmse"}
