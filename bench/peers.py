"""One library's factorization machine, timed: run in the environment that has the library.

`python peers.py LIBRARY FOLDER K EPOCHS THREADS SETTINGS` reads FOLDER/data.npz (`users`, `items`,
`labels` of the training rows, `test_users`, `test_items` of the others, and `sizes`), writes the
other rows' probabilities to FOLDER/probabilities.npy, and prints the seconds of fitting as JSON.
SETTINGS is a JSON object with the names of `bench/library_settings.py`. The libraries' objects are
`Any`: they are untyped, and missing where the others run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.library_settings import BATCH
from bench.task import Fit, Task, clock

if TYPE_CHECKING:
    from fm.arrays import AnyArray, Float64s


def factorstack(task: Task) -> Fit:
    """Ours."""
    from scipy import sparse

    from fm.scoring import scores
    from local.fm_container import hyperparameters
    from local.fm_container.engine.batches import pieces
    from local.fm_container.engine.choice import use_cache_folder
    from local.fm_container.engine.state import State

    use_cache_folder()
    from local.fm_container.engine.numba_engine import NumbaEngine

    x, test = sparse.csr_array(task.rows()), sparse.csr_array(task.rows("test_"))
    batch = int(task.settings.get("batch", BATCH))
    settings = hyperparameters.parse(
        {
            "feature_dim": str(x.shape[1]),
            "num_factors": str(task.k),
            "predictor_type": "binary_classifier",
            "mini_batch_size": str(batch),
            "bias_lr": "0.01",
            "linear_lr": str(task.settings.get("linear_lr", 0.01)),
            "linear_wd": "0.00001",
            "factors_lr": str(task.settings.get("factors_lr", 0.003)),
            "factors_wd": "0.0001",
            "factors_init_sigma": "0.01",
        }
    )
    labels = task.data["labels"].astype(np.float32)
    for part in (slice(BATCH), slice(None)):  # the first one loads the compiled code
        engine = NumbaEngine(
            settings, State.initial(settings, np.random.default_rng(1)), task.threads
        )
        begun = clock()
        chunks = iter([(x[part], labels[part])])
        runs = [engine.prepare(piece) for piece in pieces(chunks, batch, 500)]
        for _ in range(task.epochs):
            for run in runs:
                run()
        seconds = clock() - begun
    return Fit(seconds, scores(engine.state.model("binary_classifier"), test))


def mxnet(task: Task) -> Fit:
    """MXNet's own example, which the real container is made of."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "conformance" / "mxnet"))
    import mxnet as mx  # type: ignore[import-not-found]
    from mxnet_program import graph  # type: ignore[import-not-found]

    data, k = task.data, task.k
    rng = np.random.default_rng(1)
    d = int(data["sizes"].sum())
    size = int(task.settings.get("batch", BATCH))
    setting = {"factors": rng.normal(0, 0.01, (d, k)).astype("f4"), "binary": True}
    setting.update(bias_lr=0.01, bias_wd=0.01, linear_lr=task.settings.get("linear_lr", 0.01))
    setting.update(
        factors_lr=task.settings.get("factors_lr", 0.003), linear_wd=1e-5, factors_wd=1e-4
    )
    module = mx.mod.Module(graph(setting), label_names=["out_label"])
    module.bind([("data", (size, d))], [("out_label", (size, 1))])
    start = {
        "w0_weight": mx.nd.zeros((1,)),
        "v": mx.nd.array(setting["factors"]),
        "w1_weight": mx.nd.array(rng.normal(0, 0.01, (d, 1))),
    }
    start = {
        name: value if name == "w0_weight" else value.tostype("row_sparse")
        for name, value in start.items()
    }
    module.init_params(initializer=None, arg_params=start)
    module.init_optimizer(None, "adam", {"learning_rate": 1.0, "wd": 1.0})

    def batch(users: AnyArray, items: AnyArray, labels: AnyArray) -> Any:
        n = len(users)
        columns = np.stack([users, data["sizes"][0] + items], 1).ravel()
        x = (np.ones(2 * n, "f4"), columns, np.arange(0, 2 * n + 1, 2))
        csr = mx.nd.sparse.csr_matrix(x, shape=(n, d))
        return mx.io.DataBatch([csr], [mx.nd.array(labels.reshape(-1, 1))])

    def whole(users: AnyArray, items: AnyArray, labels: AnyArray) -> Iterator[Any]:
        keep = np.resize(np.arange(len(users)), -(-len(users) // size) * size)
        for part in keep.reshape(-1, size):
            yield batch(users[part], items[part], labels[part])

    begun = clock()
    for _ in range(task.epochs):
        for one in whole(data["users"], data["items"], data["labels"]):
            module.forward_backward(one)
            module.update()
    mx.nd.waitall()
    seconds = clock() - begun
    outputs = []
    for one in whole(data["test_users"], data["test_items"], data["test_labels"]):
        module.forward(one, is_train=False)
        outputs.append(module.get_outputs()[0].asnumpy().ravel())
    return Fit(seconds, np.concatenate(outputs)[: len(data["test_users"])])


def modern_fm(task: Task) -> Fit:
    """modern-fm's AdaGrad, which is faster than its Adam at equal quality."""
    from modern_fm import FMClassifier  # type: ignore[import-not-found]

    x, test = task.rows(), task.rows("test_")
    model = FMClassifier(
        n_factors=task.k,
        optimizer="adagrad",
        learning_rate=task.settings.get("learning_rate", 0.02),
        max_iter=task.epochs,
        batch_size=1,
        l2_linear=task.settings.get("l2_linear", 1e-5),
        l2_factors=task.settings.get("l2_factors", 2e-2),
        random_state=1,
        n_jobs=task.threads,
    )
    begun = clock()
    model.fit(x, task.data["labels"])
    return Fit(clock() - begun, model.predict_proba(test)[:, 1])


def modern_fm_adam(task: Task) -> Fit:
    """modern-fm's Adam in batches of the same size as ours."""
    from modern_fm import FMClassifier

    x, test = task.rows(), task.rows("test_")
    model = FMClassifier(
        n_factors=task.k,
        optimizer="adam",
        learning_rate=task.settings.get("learning_rate", 0.003),
        max_iter=task.epochs,
        batch_size=int(task.settings.get("batch", BATCH)),
        l2_linear=1e-5,
        l2_factors=task.settings.get("l2_factors", 1e-4),
        random_state=1,
        n_jobs=task.threads,
    )
    begun = clock()
    model.fit(x, task.data["labels"])
    return Fit(clock() - begun, model.predict_proba(test)[:, 1])


def xlearn(task: Task) -> Fit:
    """xLearn's AdaGrad; the time of reading its text file is measured and left out."""
    os.environ.setdefault("USER", "bench")
    import xlearn as xl  # type: ignore[import-not-found]

    data, folder, epochs = task.data, task.folder, task.epochs
    first = data["sizes"][0]
    paths = {}
    for name, labels in (("", data["labels"]), ("test_", np.zeros(len(data["test_users"])))):
        paths[name] = folder / f"{name}rows.txt"
        pairs = zip(
            labels.astype(int).tolist(),
            data[name + "users"].tolist(),
            (data[name + "items"] + first).tolist(),
            strict=True,
        )
        paths[name].write_text("".join(f"{y} {u}:1 {i}:1\n" for y, u, i in pairs))

    def fit(count: int) -> Float64s:
        model = xl.create_fm()
        model.setQuiet()
        model.disableEarlyStop()
        model.setTrain(str(paths[""]))
        model.setSigmoid()
        settings = {
            "task": "binary",
            "lr": task.settings.get("lr", 0.4),
            "lambda": task.settings.get("lambda", 0.002),
            "k": task.k,
            "epoch": count,
            "nthread": task.threads,
            "opt": "adagrad",
            "init": task.settings.get("init", 0.66),
        }
        begun = clock()
        model.fit(settings, str(folder / "model"))
        seconds = clock() - begun
        model.setTest(str(paths["test_"]))
        model.predict(str(folder / "model"), str(folder / "predicted.txt"))
        return seconds

    fit(1)
    # the least of a few, or what else the machine does would show in the difference
    one, all_epochs = (np.min([fit(count) for _ in range(3)], 0) for count in (1, epochs))
    reading = np.maximum(0, one - np.maximum(0, all_epochs - one) / max(1, epochs - 1))
    return Fit(all_epochs - reading, np.loadtxt(folder / "predicted.txt"))


def myfm(task: Task) -> Fit:
    """myFM's Gibbs sampler; an epoch is one draw."""
    from myfm import MyFMClassifier  # type: ignore[import-not-found]

    x, test = task.rows(), task.rows("test_")
    model = MyFMClassifier(rank=task.k, random_seed=1)
    begun = clock()
    model.fit(
        x, task.data["labels"], n_iter=task.epochs, n_kept_samples=max(1, task.epochs * 3 // 4)
    )
    return Fit(clock() - begun, model.predict_proba(test))


def implicit(task: Task) -> Fit:
    """implicit's ALS on the positives: another model, whose scores are no probabilities."""
    from implicit.als import AlternatingLeastSquares  # type: ignore[import-not-found]
    from scipy import sparse

    data = task.data
    liked = data["labels"] == 1
    table = (np.ones(liked.sum(), np.float32), (data["users"][liked], data["items"][liked]))
    matrix = sparse.csr_matrix(table, shape=tuple(data["sizes"]))
    model = AlternatingLeastSquares(
        factors=task.k,
        iterations=task.epochs,
        num_threads=task.threads,
        random_state=1,
        use_gpu=False,
    )
    begun = clock()
    model.fit(matrix, show_progress=False)
    seconds = clock() - begun
    users, items = model.user_factors[data["test_users"]], model.item_factors[data["test_items"]]
    return Fit(seconds, np.einsum("nf,nf->n", users, items))


LIBRARIES = {
    library.__name__: library
    for library in (
        factorstack,
        mxnet,
        modern_fm,
        modern_fm_adam,
        xlearn,
        myfm,
        implicit,
    )
}


def main() -> None:
    """Run one library; see the module's docstring."""
    library, folder = sys.argv[1], Path(sys.argv[2])
    k, epochs, threads = map(int, sys.argv[3:6])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    data = dict(np.load(folder / "data.npz"))
    task = Task(data, folder, k, epochs, threads, json.loads(sys.argv[6]))
    seconds, probabilities = LIBRARIES[library](task)
    np.save(folder / "probabilities.npy", np.asarray(probabilities, np.float64))
    sys.stdout.write(json.dumps(dict(zip(("seconds", "computed"), seconds, strict=True))) + "\n")


if __name__ == "__main__":
    main()
