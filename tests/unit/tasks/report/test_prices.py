"""What a training job costs."""

import pytest

from tasks.report.prices import training_cost


def test_only_an_instance_with_a_known_price_has_a_cost() -> None:
    assert training_cost("ml.m5.large", 2, 3600) == pytest.approx(0.23)
    assert training_cost("ml.x9.huge", 1, 3600) is None
