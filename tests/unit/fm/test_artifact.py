"""The artifact: what is written is read, and what SageMaker writes otherwise is read too."""

import io
import json
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fm import artifact, ndarray_list
from fm.artifact import ArtifactError
from fm.model import Model

ARRAYS = {
    "arg:w0_weight": np.array([0.5], np.float32),
    "arg:w1_weight": np.array([[1.0], [2.0], [0.0]], np.float32),
    "arg:v": np.array([[1, 2], [3, 4], [0, 0]], np.float32),
}


def same(left: Model, right: Model) -> bool:
    return (
        left.bias == right.bias
        and np.array_equal(left.linear, right.linear)
        and np.array_equal(left.factors, right.factors)
        and left.predictor_type == right.predictor_type
    )


def model_file(params: bytes, meta: Any = None, symbol: str = "{}") -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("symbol.json", symbol)
        archive.writestr("params", params)
        if meta is not None:
            archive.writestr("meta.json", json.dumps(meta))
    file.seek(0)
    return file


def params(arrays: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    ndarray_list.write(file, arrays)
    return file.getvalue()


REGRESSOR = {"training_parameters": {"predictor_type": "regressor"}}


def test_a_written_model_is_read_back_unchanged(tmp_path: Path, model: Model) -> None:
    artifact.write(tmp_path / "model.tar.gz", model)
    assert same(artifact.read(tmp_path / "model.tar.gz"), model)


def test_a_changed_number_is_noticed(model: Model) -> None:
    changed = Model(model.bias, model.linear + 1, model.factors, model.predictor_type)
    assert not same(model, changed)


def test_the_same_model_gives_the_same_bytes(tmp_path: Path, model: Model) -> None:
    for name in ("a", "b"):
        artifact.write(tmp_path / name, model)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_archive_holds_the_container_s_zip(tmp_path: Path, model: Model) -> None:
    artifact.write(tmp_path / "model.tar.gz", model)
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        assert archive.getnames() == ["model_algo-1"]
        member = archive.extractfile("model_algo-1")
        assert member is not None
        with zipfile.ZipFile(io.BytesIO(member.read())) as inner:
            assert sorted(inner.namelist()) == ["meta.json", "params", "symbol.json"]


def test_a_dense_trained_layout_is_transposed_on_reading() -> None:
    data = params(
        {
            "arg:Linear_Plus_Bias_bias": ARRAYS["arg:w0_weight"],
            "arg:Linear_Plus_Bias_weight": ARRAYS["arg:w1_weight"].T.copy(),
            "arg:v": ARRAYS["arg:v"].T.copy(),
        }
    )
    model = artifact.read_model_file(model_file(data, REGRESSOR))
    assert model.bias == 0.5
    assert model.linear.tolist() == [1, 2, 0]
    assert model.factors.tolist() == [[1, 2], [3, 4], [0, 0]]


def listed(entries: dict[str, bytes]) -> bytes:
    names = b"".join(struct.pack("<Q", len(name)) + name.encode() for name in entries)
    count = struct.pack("<Q", len(entries))
    return struct.pack("<QQ", 0x112, 0) + count + b"".join(entries.values()) + count + names


@pytest.mark.parametrize("dtype", ["<f8", "<f2"])
def test_other_float_types_are_read_as_float32(dtype: str) -> None:
    code = {"<f8": 1, "<f2": 2}[dtype]
    entries = {}
    for name, array in ARRAYS.items():
        shape = struct.pack(f"<I{array.ndim}q", array.ndim, *array.shape)
        head = struct.pack("<Ii", 0xF993FAC9, 0) + shape + struct.pack("<iii", 1, 0, code)
        entries[name] = head + array.astype(dtype).tobytes()
    model = artifact.read_model_file(model_file(listed(entries), REGRESSOR))
    assert model.factors.dtype == np.float32
    assert model.factors.tolist() == ARRAYS["arg:v"].tolist()


@pytest.mark.parametrize(
    ("operator", "kind"),
    [
        ("LogisticRegressionOutput", "binary_classifier"),
        ("LinearRegressionOutput", "regressor"),
    ],
)
def test_the_graph_tells_the_type_when_meta_does_not(operator: str, kind: str) -> None:
    graph = json.dumps({"nodes": [{"op": operator, "name": "out", "inputs": []}]})
    model = artifact.read_model_file(model_file(params(ARRAYS), {"x": 1}, graph))
    assert model.predictor_type == kind


def test_a_model_of_unknown_type_is_refused() -> None:
    with pytest.raises(ArtifactError, match="binary_classifier or a regressor"):
        artifact.read_model_file(model_file(params(ARRAYS)))


def test_a_missing_parameter_is_named() -> None:
    arrays = {name: array for name, array in ARRAYS.items() if name != "arg:v"}
    with pytest.raises(ArtifactError, match="'arg:v'"):
        artifact.read_model_file(model_file(params(arrays), REGRESSOR))


def test_shapes_that_do_not_fit_are_refused() -> None:
    arrays = {**ARRAYS, "arg:w1_weight": np.zeros((7, 1), np.float32)}
    with pytest.raises(ArtifactError, match="feature_dim"):
        artifact.read_model_file(model_file(params(arrays), REGRESSOR))


def test_an_archive_without_a_model_names_what_it_holds(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("xgboost-model"))
    with pytest.raises(ArtifactError, match="xgboost-model"):
        artifact.read(tmp_path / "other.tar.gz")


def test_a_file_that_is_no_archive_is_refused() -> None:
    with pytest.raises(ArtifactError, match="damaged"):
        artifact.read(io.BytesIO(b"not an archive"))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_bytes_never_raise_anything_else(data: st.DataObject) -> None:
    original = bytearray(model_file(params(ARRAYS), REGRESSOR).getvalue())
    cut = data.draw(st.integers(0, len(original)))
    place = data.draw(st.integers(0, len(original) - 1))
    original[place] ^= data.draw(st.integers(1, 255))
    try:
        artifact.read_model_file(io.BytesIO(bytes(original[:cut])))
    except ArtifactError:
        return
    assert cut > place


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_params_are_refused_or_read(data: st.DataObject) -> None:
    original = bytearray(params(ARRAYS))
    original[data.draw(st.integers(0, len(original) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        artifact.read_model_file(model_file(bytes(original), REGRESSOR))
    except ArtifactError:
        return  # any other exception fails the test


def test_nothing_is_left_half_written(tmp_path: Path, model: Model) -> None:
    with pytest.raises(FileNotFoundError):
        artifact.write(tmp_path / "missing" / "model.tar.gz", model)
    assert list(tmp_path.iterdir()) == []
