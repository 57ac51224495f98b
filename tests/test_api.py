"""The REST API: right answers, right refusals, and nothing from a request reaches the file system."""

import asyncio
import builtins
import io
import json
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import schemathesis
from fastapi.testclient import TestClient
from PIL import Image
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from audioclf.audio import encode_wav
from audioclf.resnet import ResNet
from audioclf.serving import upload
from audioclf.serving.api import create_app
from audioclf.serving.desk import Desk

from .conftest import tone
from .recordings import bad_recordings

SOUND = encode_wav(tone(seconds=2.0), 16_000)


@pytest.fixture
def api(tiny_classifier) -> TestClient:
    return TestClient(create_app(tiny_classifier))


def predict(api: TestClient, data: bytes = SOUND, name: str = "sound.wav", **query):
    return api.post("/predict", files={"file": (name, data)}, params=query)


def test_the_answer_is_the_command_lines_and_an_id(api, tiny_classifier):
    answer = predict(api, top=3).json()
    name = answer.pop("id")
    assert len(name) >= 16
    expected = tiny_classifier.classify(SOUND).to_dict(3)
    assert answer["label"] == expected["label"]
    assert [entry["label"] for entry in answer["top"]] == [entry["label"] for entry in expected["top"]]
    assert answer["probability"] == pytest.approx(expected["probability"], abs=1e-6)
    assert answer["windows"][0].keys() == expected["windows"][0].keys()
    assert answer.keys() == expected.keys()


def test_bad_recordings_are_refused_with_the_right_status_and_a_sentence(api, tmp_path):
    status = {"not_sound": 415, "unusable": 422}
    wrong = {}
    for name, (path, kind) in bad_recordings(tmp_path).items():
        response = predict(api, path.read_bytes(), name)
        detail = response.json().get("detail")
        if response.status_code != status[kind] or not isinstance(detail, str) or not detail.endswith("."):
            wrong[name] = response.status_code, detail
    assert not wrong


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "C:\\sound.wav", "\x00", "http://127.0.0.1:9/a.wav", "ü" * 1000, ""]
)
def test_a_files_name_is_never_looked_at(api, name, monkeypatch):
    opened = []
    monkeypatch.setattr(builtins, "open", lambda *args, **_: opened.append(args))
    response = predict(api, name=name)
    assert opened == []
    # Without a name it is no file, says the multipart form, but a long text.
    assert response.status_code == (200 if name else 400)


@pytest.mark.parametrize("value", ["/etc/hostname", "http://127.0.0.1:9/a.wav", "data:audio/wav;base64,UklGRg=="])
def test_text_is_no_file(api, value):
    as_field = {"data": {"file": value}}
    as_part = {"files": {"file": (None, value)}}
    as_json = {"json": {"file": value}}
    for form in (as_field, as_part, as_json):
        response = api.post("/predict", **form)
        assert response.status_code == 422
        assert "multipart field 'file'" in response.json()["detail"]


def test_too_large_is_refused_by_its_header_before_it_is_read(api):
    def body():
        raise AssertionError("read")
        yield b""

    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": "30000000"}
    # The test client reads the body first, so this speaks ASGI.
    assert finished(send(api.app, body(), headers)) == 413


@pytest.mark.parametrize("declared", [None, "1000"])
def test_too_large_is_refused_while_it_is_read(api, declared):
    sent = 0

    def body():
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while True:
            sent += 1_000_000
            yield bytes(1_000_000)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    headers |= {"content-length": declared} if declared else {}
    assert finished(send(api.app, body(), headers)) == 413
    assert sent < upload.MAX_BYTES + 2_000_000


def test_the_largest_recording_is_read_and_never_written(api, monkeypatch):
    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", lambda self: pytest.fail("written to disk"))
    assert predict(api, bytes(upload.MAX_BYTES)).status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\n\r\nabc\r\n--x--",
        b"--x\r\n" + b"A: b\r\n" * 100_000,
        b"--x\r\n" + b"A" * 1_000_000,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 10_000,
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n\r\n' * 10_000,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + bytes(2_000_000) + b"\r\n--x--",
    ],
    ids=["empty", "cut", "nameless", "headers", "header", "fields", "files", "large field"],
)
def test_broken_and_bloated_forms(api, body):
    response = api.post("/predict", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    assert response.status_code in (400, 422)
    assert isinstance(response.json()["detail"], str)


def finished(coroutine):
    """What a coroutine returns, from a thread of its own: a browser's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def send(app, body, headers) -> int:
    """A request's status, its body sent as the generator yields it."""
    statuses = []

    async def receive():
        return {"type": "http.request", "body": next(body), "more_body": True}

    async def answer(message):
        statuses.append(message.get("status"))

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/predict", "raw_path": b"/predict", "query_string": b""}
    await app(scope | {"headers": raw, "root_path": "", "scheme": "http", "http_version": "1.1"}, receive, answer)
    return statuses[0]


def test_too_slow_an_upload_gives_its_place_back(tiny_classifier, monkeypatch):
    monkeypatch.setattr(upload, "UPLOAD_SECONDS", 0)
    desk = Desk()
    app = create_app(tiny_classifier, desk=desk)

    async def stalled():
        statuses = []

        async def receive():
            await asyncio.Event().wait()

        async def answer(message):
            statuses.append(message.get("status"))

        scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "root_path": ""}
        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        await app(scope | {"headers": headers, "scheme": "http", "http_version": "1.1"}, receive, answer)
        return statuses[0]

    assert finished(stalled()) == 408
    assert (desk.taken, desk.bytes) == (0, 0)


def test_a_full_queue_says_when_to_come_back(tiny_classifier):
    desk = Desk(places=0)
    response = predict(TestClient(create_app(tiny_classifier, desk=desk)))
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json()["detail"].startswith("Too many")


def test_together_they_may_not_send_more_than_there_is_room_for(tiny_classifier, monkeypatch):
    monkeypatch.setattr("audioclf.serving.desk.PLACES_BYTES", 1000)
    desk = Desk()
    response = predict(TestClient(create_app(tiny_classifier, desk=desk)))
    assert response.status_code == 503
    assert (desk.taken, desk.bytes) == (0, 0)


def test_activations_as_numbers(api, tiny_classifier):
    name = predict(api).json()["id"]
    shape = {stage["layer"]: stage["shape"] for stage in api.get("/model/info").json()["stages"]}
    for layer in ResNet.STAGES:
        told = api.get("/visualize", params={"id": name, "layer": layer, "channels": [2, 0]}).json()
        assert told["shape"] == shape[layer]
        assert told["channels"] == [2, 0]
        assert np.shape(told["activations"]) == (2, *shape[layer][1:])
    from audioclf import internals

    expected = internals.activations(tiny_classifier, SOUND)["stage4"][[2, 0]]
    np.testing.assert_allclose(told["activations"], expected, atol=6e-4)


def test_activations_as_a_picture(api):
    name = predict(api).json()["id"]
    response = api.get("/visualize", params={"id": name, "layer": "stage2", "format": "png"})
    assert response.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(response.content))
    assert picture.width > 100
    assert len(picture.convert("L").getcolors()) > 10, "a picture of one colour shows nothing"


def test_each_window_has_its_own_activations(api):
    sound = encode_wav(np.concatenate([tone(300.0, 5.0), tone(3000.0, 5.0)]), 16_000)
    answer = predict(api, sound).json()
    told = [api.get("/visualize", params={"id": answer["id"], "window": window}).json() for window in (0, 2)]
    assert [each["start_seconds"] for each in told] == [0.0, 5.0]
    assert told[0]["activations"] != told[1]["activations"]
    beyond = api.get("/visualize", params={"id": answer["id"], "window": len(answer["windows"])})
    assert beyond.status_code == 422
    assert "3 windows" in beyond.json()["detail"]


@pytest.mark.parametrize("query", [{"layer": "stage9"}, {"format": "gif"}, {"channels": [-1]}, {"channels": [9999]}])
def test_what_cannot_be_shown(api, query):
    name = predict(api).json()["id"]
    assert api.get("/visualize", params={"id": name} | query).status_code == 422


def test_unknown_and_expired_ids(tiny_classifier, monkeypatch):
    monkeypatch.setattr("audioclf.serving.service.KEPT_SECONDS", -1.0)
    api = TestClient(create_app(tiny_classifier))
    for gone in (predict(api).json()["id"], "nothing"):
        response = api.get("/visualize", params={"id": gone})
        assert response.status_code == 404
        assert "unknown or too old" in response.json()["detail"]


def test_model_info(api, tiny_checkpoint):
    told = api.get("/model/info").json()
    assert told["parameters"] == sum(p.numel() for p in tiny_checkpoint.model.parameters())
    assert told["labels"] == list(tiny_checkpoint.labels)
    assert [stage["layer"] for stage in told["stages"]] == list(ResNet.STAGES)
    assert told["mel"]["n_mels"] == 32
    assert api.get("/healthz").json()["status"] == "ok"


def test_a_token_guards_all_but_health_and_documentation(tiny_classifier, monkeypatch):
    monkeypatch.setenv("AUDIOCLF_TOKEN", "sesame")
    api = TestClient(create_app(tiny_classifier))
    for bad in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer é".encode()}, {"Authorization": "x"}):
        for method, path in (("POST", "/predict"), ("GET", "/visualize"), ("GET", "/model/info"), ("GET", "/metrics")):
            response = api.request(method, path, headers=bad)
            assert response.status_code == 401, path
            assert response.headers["www-authenticate"] == "Bearer"
    for path in ("/healthz", "/docs", "/openapi.json"):
        assert api.get(path).status_code == 200
    api.headers["Authorization"] = "Bearer sesame"
    assert predict(api).status_code == 200


def test_metrics_count_and_do_not_grow_with_what_strangers_ask(api):
    predict(api)
    predict(api, b"no sound")
    for index in range(5):
        api.get(f"/nowhere/{index}")
    text = api.get("/metrics").text
    assert 'audioclf_requests_total{path="/predict",status="200"} 1.0' in text
    assert 'audioclf_requests_total{path="/predict",status="415"} 1.0' in text
    assert 'audioclf_requests_total{path="other",status="404"} 5.0' in text
    assert "audioclf_pass_clips_count 1.0" in text
    assert "nowhere" not in text


def test_the_access_log_tells_how_and_never_what(api, caplog):
    with caplog.at_level(logging.INFO, "audioclf.access"):
        predict(api, name="my-secret-diary.wav")
    (line,) = caplog.messages
    told = json.loads(line)
    assert told.items() >= {"method": "POST", "path": "/predict", "status": 200}.items()
    assert told["bytes"] >= len(SOUND)
    assert told["ms"] > 0
    assert "diary" not in caplog.text


def test_documentation_is_complete_and_comes_from_here(api):
    description = api.get("/openapi.json").json()
    assert set(description["paths"]) == {"/predict", "/visualize", "/model/info", "/healthz", "/metrics"}
    for path in description["paths"].values():
        for operation in path.values():
            assert operation["description"]
    page = api.get("/docs").text
    assert "http:" not in page.replace("http://www.w3.org", "")
    assert "https:" not in page
    for file in ("docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "docs/favicon-32x32.png"):
        assert file in page
        assert api.get(f"/{file}").status_code == 200


def test_fuzzed_from_its_own_description(tiny_classifier):
    """No 500, no status and no content type but those it documents, and answers of the shape it documents."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 6,
            "generation": {"max-examples": 30, "deterministic": True, "database": "none"},
            # Any bytes are a file to the description; few of them are sound.
            "checks": {"positive_data_acceptance": {"enabled": False}},
        }
    )
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(tiny_classifier), config=config)
    failures, statuses = set(), Counter()
    for event in schemathesis.engine.from_schema(schema).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError), event.info
        if isinstance(event, events.ScenarioFinished):
            for checks in event.recorder.checks.values():
                failures |= {str(check.failure_info.failure) for check in checks if check.failure_info}
            statuses.update(sent.response.status_code for sent in event.recorder.interactions.values() if sent.response)
    assert not failures, "\n\n".join(sorted(failures))
    # It came further than the first refusal: there were answers, and each kind of mistake.
    assert {200, 404, 415, 422} <= set(statuses), statuses
    assert sum(statuses.values()) > 100
    assert max(statuses) < 500


def test_right_answers_keep_to_the_description_too(api):
    schema = schemathesis.openapi.from_dict(api.get("/openapi.json").json())
    answer = predict(api)
    schema["/predict"]["POST"].validate_response(answer)
    for form in ("json", "png"):
        told = api.get("/visualize", params={"id": answer.json()["id"], "format": form})
        schema["/visualize"]["GET"].validate_response(told)
    schema["/model/info"]["GET"].validate_response(api.get("/model/info"))
