"""A response has the format that the request accepts."""

import http.client
import json
from typing import Any

import numpy as np
import pytest

from fm import scoring
from tests.unit.local.fm_container.inference.conftest import (
    JSON,
    LINES,
    RECORDIO,
    Server,
    bodies,
    model_of,
    request_of,
)


def test_a_classifier_s_labels_are_floats(binary: Server, rows: Any) -> None:
    predictions = json.loads(binary.invoke(request_of(rows)).body)["predictions"]
    assert [set(one) for one in predictions] == [{"score", "predicted_label"}] * 7
    for one in predictions:
        assert isinstance(one["predicted_label"], float)
        assert one["predicted_label"] == (one["score"] >= 0.5)


def test_a_regressor_answers_scores_alone(servers: dict[str, Server], rows: Any) -> None:
    answer = servers["regressor"].invoke(request_of(rows), accept=JSON)
    assert {name for one in json.loads(answer.body)["predictions"] for name in one} == {"score"}


def test_json_lines_on_request(binary: Server, rows: Any) -> None:
    answer = binary.invoke(request_of(rows), accept=LINES)
    assert answer.content_type == LINES
    lines = [json.loads(line) for line in answer.body.splitlines()]
    found = np.array([line["score"] for line in lines])
    assert np.allclose(found, scoring.scores(model_of("binary_classifier"), rows), atol=1e-6)


def parse_labels(body: bytes) -> list[dict[str, float]]:
    """The label maps of a RecordIO response, parsed field by field."""
    found, at = [], 0
    while at < len(body):
        assert body[at : at + 4] == bytes.fromhex("0a23d7ce")
        size = int.from_bytes(body[at + 4 : at + 8], "little")
        payload, entries = body[at + 8 : at + 8 + size], {}
        while payload:
            assert payload[0] == 0x12  # an entry of the label map
            entry, payload = payload[2 : 2 + payload[1]], payload[2 + payload[1] :]
            name = entry[2 : 2 + entry[1]]
            assert entry[2 + entry[1] : -4] == bytes.fromhex("120812060a04")
            entries[name.decode()] = float(np.frombuffer(entry[-4:], "<f4")[0])
        found.append(entries)
        at += 8 + size + -size % 4
    return found


@pytest.mark.parametrize("kind", ["binary_classifier", "regressor"])
def test_recordio_on_request(servers: dict[str, Server], rows: Any, kind: str) -> None:
    answer = servers[kind].invoke(request_of(rows), accept=RECORDIO)
    labels = parse_labels(answer.body)
    expected = scoring.scores(model_of(kind), rows)
    assert np.allclose([one["score"] for one in labels], expected, atol=1e-6)
    if kind == "binary_classifier":
        assert [one["predicted_label"] for one in labels] == (expected >= 0.5).tolist()
    else:
        assert {name for one in labels for name in one} == {"score"}


@pytest.mark.parametrize(
    ("accept", "sent", "answered"),
    [
        ("*/*", JSON, JSON),
        ("", LINES, LINES),
        ("", RECORDIO, LINES),
        ("  ", RECORDIO, LINES),
        ("application/*", LINES, LINES),
        ("text/plain, application/jsonlines;q=0.5", JSON, LINES),
        ("application/json;q=0.1, application/jsonlines", JSON, LINES),
        ("application/jsonlines;q=0, */*;q=0.1", JSON, JSON),
        ("Application/JsonLines; charset=utf-8; Q=0.5, text/csv", JSON, LINES),
    ],
)
def test_what_is_answered_to_an_accept(
    binary: Server, rows: Any, accept: str, sent: str, answered: str
) -> None:
    body = next(body for body, content_type in bodies(rows).values() if content_type == sent)
    assert binary.invoke(body, sent, accept=accept).content_type == answered


@pytest.mark.parametrize("accept", ["text/csv", "application/json;q=0", "json"])
def test_an_accept_that_cannot_be_met(binary: Server, rows: Any, accept: str) -> None:
    answer = binary.invoke(request_of(rows), accept=accept)
    assert answer.status == 406
    assert accept in answer.body.decode()


def test_the_default_of_accept_is_the_environment_s(servers: dict[str, Server], rows: Any) -> None:
    regressor, body = servers["regressor"], request_of(rows)
    assert regressor.ask("POST", "/invocations", body).content_type == LINES
    assert regressor.invoke(body, accept="*/*").content_type == LINES
    assert regressor.invoke(body, accept=JSON).content_type == JSON


def test_an_accept_may_be_sent_in_several_lines(binary: Server, rows: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", binary.port, timeout=20)
    body = request_of(rows)
    connection.putrequest("POST", "/invocations")
    for name, value in (("Accept", LINES), ("Accept", "text/csv"), ("Content-Length", len(body))):
        connection.putheader(name, str(value))
    connection.endheaders(body)
    assert connection.getresponse().headers["content-type"] == LINES
    connection.close()
