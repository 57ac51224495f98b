"""Page, REST and the same endpoints by name, from one process, as app.py serves them."""

import json
import urllib.request

import pytest
from gradio_client import Client, exceptions, handle_file

from audioclf.audio import encode_wav
from audioclf.labels import ESC50_LABELS

from .conftest import tone


@pytest.fixture(scope="module")
def url(served):
    return served[0] + "/"


@pytest.fixture(scope="module")
def classifier(served):
    return served[1]


@pytest.fixture(scope="module")
def client(url):
    return Client(url, verbose=False)


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.wav"
    path.write_bytes(encode_wav(tone(seconds=1.0), 16_000))
    return path


def get(url: str, **options) -> tuple[str, str]:
    with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=20) as response:
        return response.headers["content-type"], response.read().decode()


def test_the_page_and_the_api_each_answer_at_their_own_paths(url):
    assert "<gradio-app" in get(url)[1] or "gradio" in get(url)[1]
    assert json.loads(get(f"{url}healthz")[1])["status"] == "ok"
    assert "audioclf_requests_total" in get(f"{url}metrics")[1]
    assert "docs/swagger-ui-bundle.js" in get(f"{url}docs")[1]
    # The API's own description, without Gradio's inner routes.
    paths = json.loads(get(f"{url}openapi.json")[1])["paths"]
    assert set(paths) == {"/predict", "/visualize", "/model/info", "/healthz", "/metrics"}
    assert get(f"{url}gradio_api/info")[0] == "application/json"


def test_a_recording_is_answered_over_rest(url, sound, classifier):
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + sound.read_bytes() + b"\r\n--x--"
    )
    headers = {"content-type": "multipart/form-data; boundary=x", "origin": "https://example.org"}
    answer = json.loads(get(f"{url}predict", data=form, headers=headers, method="POST")[1])
    assert answer["label"] == classifier.classify(str(sound)).label


def test_the_same_by_name(client, sound, classifier):
    answer = client.predict(handle_file(str(sound)), 2, api_name="/predict")
    assert answer["label"] == classifier.classify(str(sound)).label
    assert len(answer["top"]) == 2
    shown = client.predict(answer["id"], "stage2", [1, 3], api_name="/visualize")
    assert shown["channels"] == [1, 3]
    assert client.predict(api_name="/model_info")["labels"] == list(ESC50_LABELS)


def test_refusals_by_name_keep_their_words(client, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(exceptions.AppError, match="not a recording"):
        client.predict(handle_file(str(tmp_path / "text.wav")), api_name="/predict")
    with pytest.raises(exceptions.AppError, match="unknown or too old"):
        client.predict("nothing", api_name="/visualize")
    with pytest.raises(exceptions.AppError, match="Send a recording"):
        client.predict(None, api_name="/predict")


@pytest.mark.parametrize("path", ["secret", "../secret", "http://127.0.0.1:9/a.wav"])
def test_only_an_uploaded_file_is_read(url, sound, path):
    # What gradio_client would never send: a path of the server's own.
    path = str(sound) if path == "secret" else path
    data = json.dumps({"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, 5]}).encode()
    headers = {"content-type": "application/json"}
    event = json.loads(get(f"{url}gradio_api/call/predict", data=data, headers=headers, method="POST")[1])["event_id"]
    told = get(f"{url}gradio_api/call/predict/{event}")[1]
    assert "event: error" in told
    assert "label" not in told
