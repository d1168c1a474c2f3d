"""MXNet's graph of a factorization machine (`symbol.json`), written without MXNet.

Nodes follow apache/mxnet's `example/sparse/factorization_machine/model.py`; argument names are the
ones in artifacts of SageMaker's own container: `w0_weight`, `w1_weight`, `v`, label `out_label`.
"""

import json
from typing import Any

from fm.model import BINARY, REGRESSOR, Model, PredictorType

_ROW_SPARSE, _CSR = "1", "2"
_OUTPUTS = {BINARY: "LogisticRegressionOutput", REGRESSOR: "LinearRegressionOutput"}
_MXNET_1_1 = 10100


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []

    def add(self, op: str, name: str, *inputs: int, **attrs: str) -> int:
        node: dict[str, Any] = {"op": op, "name": name}
        if attrs:
            node["attrs"] = attrs
        node["inputs"] = [[source, 0, 0] for source in inputs]
        self.nodes.append(node)
        return len(self.nodes) - 1

    def argument(self, name: str, **attrs: str) -> int:
        return self.add("null", name, **{f"__{key}__": value for key, value in attrs.items()})


def build(model: Model) -> str:
    """The graph as JSON: scores from `data` (csr), through a sigmoid for a classifier."""
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
    own = graph.add("_mul_scalar", "_mulscalar1", graph.add("dot", "dot1", x2, v2), scalar="0.5")
    score = graph.add("elemwise_sub", "_minus0", total, own)
    label = graph.argument("out_label")
    output = graph.add(_OUTPUTS[_kind(model)], "out", score, label)
    return json.dumps(
        {
            "nodes": graph.nodes,
            "arg_nodes": [i for i, node in enumerate(graph.nodes) if node["op"] == "null"],
            "node_row_ptr": list(range(len(graph.nodes) + 1)),
            "heads": [[output, 0, 0]],
            "attrs": {"mxnet_version": ["int", _MXNET_1_1]},
        }
    )


def _kind(model: Model) -> PredictorType:
    return BINARY if model.predictor_type == BINARY else REGRESSOR


def predictor_type(symbol: str) -> PredictorType | None:
    """What the graph's output operator says the model is; None when it says neither."""
    try:
        operators = {node["op"] for node in json.loads(symbol)["nodes"]}
    except (ValueError, TypeError, KeyError):
        return None
    found = [kind for kind, operator in _OUTPUTS.items() if operator in operators]
    return found[0] if len(found) == 1 else None
