# ruff: noqa: ARG001 - every library takes the same arguments
"""One library's factorization machine, timed: run in the environment that has the library.

`python peers.py LIBRARY FOLDER K EPOCHS THREADS SETTINGS` reads FOLDER/data.npz (`users`, `items`,
`labels` of the training rows, `test_users`, `test_items` of the others, and `sizes`), writes the
other rows' probabilities to FOLDER/found.npy, and prints the seconds of fitting as JSON. SETTINGS
is a JSON object with the names of `bench/library_settings.py`.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.library_settings import BATCH


def clock() -> Any:
    """Seconds passed, and seconds that this process computed: the two differ on a busy machine."""
    return np.array([time.perf_counter(), time.process_time()])


def rows(data: Any, users: str, items: str) -> Any:
    """Two ones a row: the user's column and the item's."""
    from scipy import sparse

    n, (user_count, item_count) = len(data[users]), data["sizes"]
    columns = np.stack([data[users], user_count + data[items]], 1).ravel()
    entries = (np.ones(2 * n, np.float32), columns, np.arange(0, 2 * n + 1, 2))
    return sparse.csr_matrix(entries, shape=(n, user_count + item_count))


def factorstack(
    data: Any, folder: Path, k: int, epochs: int, threads: int, given: Any
) -> tuple[Any, Any]:
    """Ours."""
    from fm.scoring import scores
    from local.fm_container import hyperparameters
    from local.fm_container.engine.batches import pieces
    from local.fm_container.engine.choice import use_cache_folder
    from local.fm_container.engine.state import State

    use_cache_folder()
    from local.fm_container.engine.numba_engine import NumbaEngine

    x, test = rows(data, "users", "items"), rows(data, "test_users", "test_items")
    batch = given.get("batch", BATCH)
    settings = hyperparameters.parse(
        {
            "feature_dim": str(x.shape[1]),
            "num_factors": str(k),
            "predictor_type": "binary_classifier",
            "mini_batch_size": str(batch),
            "bias_lr": "0.01",
            "linear_lr": str(given.get("linear_lr", 0.01)),
            "linear_wd": "0.00001",
            "factors_lr": str(given.get("factors_lr", 0.003)),
            "factors_wd": "0.0001",
            "factors_init_sigma": "0.01",
        }
    )
    labels = data["labels"].astype(np.float32)
    for part in (slice(BATCH), slice(None)):  # the first one loads the compiled code
        engine = NumbaEngine(settings, State.initial(settings, np.random.default_rng(1)), threads)
        begun = clock()
        chunks = iter([(x[part], labels[part])])
        runs = [engine.prepare(piece) for piece in pieces(chunks, batch, 500)]
        for _ in range(epochs):
            for run in runs:
                run()
        seconds = clock() - begun
    return seconds, scores(engine.state.model("binary_classifier"), test)


def mxnet(
    data: Any, folder: Path, k: int, epochs: int, threads: int, given: Any
) -> tuple[Any, Any]:
    """MXNet's own example, which the real container is made of."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "conformance" / "mxnet"))
    import mxnet as mx  # type: ignore[import-not-found]
    from mxnet_program import graph  # type: ignore[import-not-found]

    rng = np.random.default_rng(1)
    d = int(data["sizes"].sum())
    size = given.get("batch", BATCH)
    setting = {"factors": rng.normal(0, 0.01, (d, k)).astype("f4"), "binary": True}
    setting.update(bias_lr=0.01, bias_wd=0.01, linear_lr=given.get("linear_lr", 0.01))
    setting.update(factors_lr=given.get("factors_lr", 0.003), linear_wd=1e-5, factors_wd=1e-4)
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

    def batch(users: Any, items: Any, labels: Any) -> Any:
        n = len(users)
        columns = np.stack([users, data["sizes"][0] + items], 1).ravel()
        x = (np.ones(2 * n, "f4"), columns, np.arange(0, 2 * n + 1, 2))
        csr = mx.nd.sparse.csr_matrix(x, shape=(n, d))
        return mx.io.DataBatch([csr], [mx.nd.array(labels.reshape(-1, 1))])

    def whole(users: Any, items: Any, labels: Any) -> Any:
        keep = np.resize(np.arange(len(users)), -(-len(users) // size) * size)
        for part in keep.reshape(-1, size):
            yield batch(users[part], items[part], labels[part])

    begun = clock()
    for _ in range(epochs):
        for one in whole(data["users"], data["items"], data["labels"]):
            module.forward_backward(one)
            module.update()
    mx.nd.waitall()
    seconds = clock() - begun
    found = []
    for one in whole(data["test_users"], data["test_items"], data["test_labels"]):
        module.forward(one, is_train=False)
        found.append(module.get_outputs()[0].asnumpy().ravel())
    return seconds, np.concatenate(found)[: len(data["test_users"])]


def modern_fm(
    data: Any, folder: Path, k: int, epochs: int, threads: int, given: Any
) -> tuple[Any, Any]:
    """modern-fm's AdaGrad, which is faster than its Adam at equal quality."""
    from modern_fm import FMClassifier  # type: ignore[import-not-found]

    x, test = rows(data, "users", "items"), rows(data, "test_users", "test_items")
    model = FMClassifier(
        n_factors=k,
        optimizer="adagrad",
        learning_rate=given.get("learning_rate", 0.02),
        max_iter=epochs,
        batch_size=1,
        l2_linear=given.get("l2_linear", 1e-5),
        l2_factors=given.get("l2_factors", 2e-2),
        random_state=1,
        n_jobs=threads,
    )
    begun = clock()
    model.fit(x, data["labels"])
    return clock() - begun, model.predict_proba(test)[:, 1]


def modern_fm_adam(
    data: Any, folder: Path, k: int, epochs: int, threads: int, given: Any
) -> tuple[Any, Any]:
    """modern-fm's Adam in batches of the same size as ours."""
    from modern_fm import FMClassifier

    x, test = rows(data, "users", "items"), rows(data, "test_users", "test_items")
    model = FMClassifier(
        n_factors=k,
        optimizer="adam",
        learning_rate=given.get("learning_rate", 0.003),
        max_iter=epochs,
        batch_size=given.get("batch", BATCH),
        l2_linear=1e-5,
        l2_factors=given.get("l2_factors", 1e-4),
        random_state=1,
        n_jobs=threads,
    )
    begun = clock()
    model.fit(x, data["labels"])
    return clock() - begun, model.predict_proba(test)[:, 1]


def xlearn(
    data: Any, folder: Path, k: int, epochs: int, threads: int, given: Any
) -> tuple[Any, Any]:
    """xLearn's AdaGrad; the time of reading its text file is measured and left out."""
    os.environ.setdefault("USER", "bench")
    import xlearn as xl  # type: ignore[import-not-found]

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

    def fit(count: int) -> Any:
        model = xl.create_fm()
        model.setQuiet()
        model.disableEarlyStop()
        model.setTrain(str(paths[""]))
        model.setSigmoid()
        settings = {
            "task": "binary",
            "lr": given.get("lr", 0.4),
            "lambda": given.get("lambda", 0.002),
            "k": k,
            "epoch": count,
            "nthread": threads,
            "opt": "adagrad",
            "init": given.get("init", 0.66),
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
    return all_epochs - reading, np.loadtxt(folder / "predicted.txt")


def myfm(data: Any, folder: Path, k: int, epochs: int, threads: int, given: Any) -> tuple[Any, Any]:
    """myFM's Gibbs sampler; an epoch is one draw."""
    from myfm import MyFMClassifier  # type: ignore[import-not-found]

    x, test = rows(data, "users", "items"), rows(data, "test_users", "test_items")
    model = MyFMClassifier(rank=k, random_seed=1)
    begun = clock()
    model.fit(x, data["labels"], n_iter=epochs, n_kept_samples=max(1, epochs * 3 // 4))
    return clock() - begun, model.predict_proba(test)


def implicit(
    data: Any, folder: Path, k: int, epochs: int, threads: int, given: Any
) -> tuple[Any, Any]:
    """implicit's ALS on the positives: another model, whose scores are no probabilities."""
    from implicit.als import AlternatingLeastSquares  # type: ignore[import-not-found]
    from scipy import sparse

    liked = data["labels"] == 1
    table = (np.ones(liked.sum(), np.float32), (data["users"][liked], data["items"][liked]))
    matrix = sparse.csr_matrix(table, shape=tuple(data["sizes"]))
    model = AlternatingLeastSquares(
        factors=k, iterations=epochs, num_threads=threads, random_state=1, use_gpu=False
    )
    begun = clock()
    model.fit(matrix, show_progress=False)
    seconds = clock() - begun
    users, items = model.user_factors[data["test_users"]], model.item_factors[data["test_items"]]
    return seconds, np.einsum("nf,nf->n", users, items)


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
    given = json.loads(sys.argv[6])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    data = dict(np.load(folder / "data.npz"))
    seconds, found = LIBRARIES[library](data, folder, k, epochs, threads, given)
    np.save(folder / "found.npy", np.asarray(found, np.float64))
    sys.stdout.write(json.dumps(dict(zip(("seconds", "computed"), seconds, strict=True))) + "\n")


if __name__ == "__main__":
    main()
