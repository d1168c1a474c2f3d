"""Run by MXNet's own Python: `train` a factorization machine, or `predict` with an artifact.

Arguments: the command, a folder with `inputs.npz`, to which `outputs.npz` is written. The graph is
apache/mxnet's `example/sparse/factorization_machine/model.py`; the artifact is loaded by the
recipe of AWS' blog ("Extending Amazon SageMaker Factorization Machines ...").
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import mxnet as mx  # type: ignore[import-not-found]
import numpy as np


def rows(inputs: Any, first: int, last: int) -> Any:
    """Return rows `first` to `last` as MXNet's CSR array."""
    indptr = inputs["indptr"][first : last + 1]
    entries = slice(indptr[0], indptr[-1])
    parts = (inputs["values"][entries], inputs["columns"][entries], indptr - indptr[0])
    return mx.nd.sparse.csr_matrix(parts, shape=(last - first, int(inputs["feature_dim"])))


def graph(inputs: Any) -> Any:
    """Return the example's graph, with each group's rates as multipliers."""
    d, k = inputs["factors"].shape
    rates = {
        name: (float(inputs[name + "_lr"]), float(inputs[name + "_wd"]))
        for name in ("bias", "linear", "factors")
    }

    def variable(name: str, group: str, shape: tuple[int, ...], stype: str) -> Any:
        lr, wd = rates[group]
        return mx.sym.Variable(name, shape=shape, stype=stype, lr_mult=lr, wd_mult=wd)

    x = mx.sym.Variable("data", stype="csr")
    v = variable("v", "factors", (d, k), "row_sparse")
    w1 = variable("w1_weight", "linear", (d, 1), "row_sparse")
    w0 = variable("w0_weight", "bias", (1,), "default")
    linear = mx.sym.broadcast_add(mx.sym.dot(x, w1), w0)
    squares = mx.sym.dot(x.square(), mx.sym._internal._square_sum(data=v, axis=1, keepdims=True))
    pairs = 0.5 * mx.sym.square(mx.sym.dot(x, v))
    total = mx.sym.sum(mx.sym.Concat(linear, pairs, dim=1), axis=1, keepdims=True)
    score = mx.sym.elemwise_add(total, 0.5 * mx.sym.negative(squares))
    output = mx.sym.LogisticRegressionOutput if inputs["binary"] else mx.sym.LinearRegressionOutput
    return output(data=score, label=mx.sym.Variable("out_label"), name="out")


def train(inputs: Any) -> Any:
    """Return parameters and outputs after one epoch of rows, whose number the batch divides."""
    size, count = int(inputs["batch_size"]), len(inputs["labels"])
    module = mx.mod.Module(graph(inputs), label_names=["out_label"])
    shape = (size, int(inputs["feature_dim"]))
    module.bind(data_shapes=[("data", shape)], label_shapes=[("out_label", (size, 1))])
    start = {
        "w0_weight": mx.nd.array(inputs["bias"]),
        "w1_weight": mx.nd.array(inputs["linear"].reshape(-1, 1)).tostype("row_sparse"),
        "v": mx.nd.array(inputs["factors"]).tostype("row_sparse"),
    }
    module.init_params(initializer=None, arg_params=start)
    settings = {"learning_rate": 1.0, "wd": 1.0}
    if inputs["clip"]:
        settings["clip_gradient"] = float(inputs["clip"])
    module.init_optimizer(kvstore=None, optimizer="adam", optimizer_params=settings)
    outputs = []
    for first in range(0, count, size):
        labels = mx.nd.array(inputs["labels"][first : first + size].reshape(-1, 1))
        module.forward_backward(mx.io.DataBatch([rows(inputs, first, first + size)], [labels]))
        outputs.append(module.get_outputs()[0].asnumpy().reshape(-1))
        module.update()
    parameters, _ = module.get_params()
    return {"outputs": np.concatenate(outputs), **{k: v.asnumpy() for k, v in parameters.items()}}


def predict(inputs: Any, folder: Path) -> Any:
    """Return the outputs of the artifact in the folder for the rows, and its parameters."""
    recipe = (
        "tar xzf model.tar.gz && unzip -qo model_algo-1 && mv symbol.json model-symbol.json "
        "&& mv params model-0000.params"
    )
    subprocess.run(["sh", "-c", recipe], check=True, cwd=folder)
    module = mx.module.Module.load(str(folder / "model"), 0, False, label_names=["out_label"])
    count = len(inputs["indptr"]) - 1
    module.bind(
        data_shapes=[("data", (count, int(inputs["feature_dim"])))],
        for_training=False,
        label_shapes=[("out_label", (count, 1))],
    )
    module.forward(mx.io.DataBatch([rows(inputs, 0, count)], None), is_train=False)
    parameters = {name: array.asnumpy() for name, array in module._arg_params.items()}
    return {"outputs": module.get_outputs()[0].asnumpy().reshape(-1), **parameters}


if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    inputs = dict(np.load(folder / "inputs.npz"))
    result = train(inputs) if command == "train" else predict(inputs, folder)
    np.savez(folder / "outputs.npz", **result)
