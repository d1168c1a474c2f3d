"""The graph has the model's shapes and tells its type."""

import json

import pytest

from fm import symbol
from fm.model import Model


def test_a_graph_tells_its_model_s_type(model: Model) -> None:
    assert symbol.predictor_type(symbol.build(model)) == model.predictor_type


def test_a_graph_has_the_model_s_shapes(model: Model) -> None:
    nodes = {node["name"]: node for node in json.loads(symbol.build(model))["nodes"]}
    assert nodes["w1_weight"]["attrs"]["__shape__"] == "(40, 1)"
    assert nodes["v"]["attrs"]["__shape__"] == "(40, 5)"
    assert "attrs" not in nodes["out_label"]


@pytest.mark.parametrize("graph", ["", "[]", "{}", '{"nodes": [{"op": "dot"}]}'])
def test_a_graph_without_a_known_output_tells_nothing(graph: str) -> None:
    assert symbol.predictor_type(graph) is None
