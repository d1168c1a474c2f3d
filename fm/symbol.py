"""MXNet's graph of a factorization machine (`symbol.json`), written without MXNet.

Nodes follow apache/mxnet's `example/sparse/factorization_machine/model.py`; argument names are the
ones in artifacts of SageMaker's own container: `w0_weight`, `w1_weight`, `v`, label `out_label`.
"""

import json
from typing import NotRequired, TypedDict

from fm.model import BINARY, REGRESSOR, Model, PredictorType

_ROW_SPARSE, _CSR = "1", "2"
_OUTPUTS = {BINARY: "LogisticRegressionOutput", REGRESSOR: "LinearRegressionOutput"}
_MXNET_1_1 = 10100


class _Node(TypedDict):
    op: str
    name: str
    attrs: NotRequired[dict[str, str]]
    inputs: list[tuple[int, int, int]]


class _Graph:
    """Nodes in the order in which they were added; a node is known by its number."""

    def __init__(self) -> None:
        self.nodes: list[_Node] = []

    def add(self, op: str, name: str, *inputs: int, **attrs: str) -> int:
        sources = [(source, 0, 0) for source in inputs]
        if attrs:
            self.nodes.append({"op": op, "name": name, "attrs": attrs, "inputs": sources})
        else:
            self.nodes.append({"op": op, "name": name, "inputs": sources})
        return len(self.nodes) - 1

    def argument(self, name: str, **attrs: str) -> int:
        return self.add("null", name, **{f"__{key}__": value for key, value in attrs.items()})


def build(model: Model) -> str:
    """Return the graph as JSON: scores from `data` (csr), through a sigmoid for a classifier.

    Args:
        model: The model whose shapes and predictor type the graph has.
    """
    graph = _Graph()
    d, k = model.feature_dim, model.num_factors
    x = graph.argument("data", storage_type=_CSR)
    w1 = graph.argument("w1_weight", shape=str((d, 1)), storage_type=_ROW_SPARSE)
    xw = graph.add("dot", "dot0", x, w1)
    w0 = graph.argument("w0_weight", shape="(1,)")
    linear = graph.add("broadcast_add", "broadcast_add0", xw, w0)
    v = graph.argument("v", shape=str((d, k)), storage_type=_ROW_SPARSE)
    square = graph.add("square", "square1", graph.add("dot", "dot2", x, v))
    half = graph.add("_mul_scalar", "_mulscalar0", square, scalar="0.5")
    joined = graph.add("Concat", "concat0", linear, half, dim="1", num_args="2")
    total = graph.add("sum", "sum0", joined, axis="1", keepdims="True")
    x2 = graph.add("square", "square0", x)
    v2 = graph.add("_square_sum", "_square_sum0", v, axis="1", keepdims="True")
    diagonal = graph.add("dot", "dot1", x2, v2)
    half_diagonal = graph.add("_mul_scalar", "_mulscalar1", diagonal, scalar="0.5")
    score = graph.add("elemwise_sub", "_minus0", total, half_diagonal)
    label = graph.argument("out_label")
    output = graph.add(
        _OUTPUTS[BINARY if model.predictor_type == BINARY else REGRESSOR], "out", score, label
    )
    return json.dumps(
        {
            "nodes": graph.nodes,
            "arg_nodes": [i for i, node in enumerate(graph.nodes) if node["op"] == "null"],
            "node_row_ptr": list(range(len(graph.nodes) + 1)),
            "heads": [[output, 0, 0]],
            "attrs": {"mxnet_version": ["int", _MXNET_1_1]},
        }
    )


def predictor_type(graph: str) -> PredictorType | None:
    """Return the predictor type of a graph by its output operator; None when it has neither.

    Args:
        graph: The JSON of `symbol.json`, which may be damaged.
    """
    try:
        operators = {node["op"] for node in json.loads(graph)["nodes"]}
    except (ValueError, TypeError, KeyError):
        return None
    types = [name for name, operator in _OUTPUTS.items() if operator in operators]
    return types[0] if len(types) == 1 else None
