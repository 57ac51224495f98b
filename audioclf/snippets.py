"""How a program asks the REST API, as code to copy. A test runs every one. Knows no HTTP.

`sound.wav` is the reader's own recording.
"""

ADDRESS = "http://127.0.0.1:7860"
"""Stands in every snippet; whoever shows one puts the server's own in its place."""

CURL = f"""\
curl -F file=@sound.wav {ADDRESS}/predict
"""

PYTHON = f"""\
import httpx  # pip install httpx

with open("sound.wav", "rb") as recording:
    response = httpx.post("{ADDRESS}/predict", files={{"file": recording}}, timeout=60)
answer = response.raise_for_status().json()
for ranked in answer["top"]:
    print(f"{{ranked['probability']:4.0%}}  {{ranked['label']}}")
"""

JAVASCRIPT = f"""\
import {{ openAsBlob }} from "node:fs"; // Node 20; in a browser, input.files[0] is the recording

const form = new FormData();
form.append("file", await openAsBlob("sound.wav"), "sound.wav");
const response = await fetch("{ADDRESS}/predict", {{ method: "POST", body: form }});
const answer = await response.json();
if (!response.ok) throw new Error(answer.detail);
for (const {{ label, probability }} of answer.top) console.log(label, probability);
"""

INSIDE = f"""\
curl {ADDRESS}/model/info
id=$(curl -s -F file=@sound.wav {ADDRESS}/predict | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')
curl -o stage2.png "{ADDRESS}/visualize?id=$id&layer=stage2&format=png"
"""

SNIPPETS = {"curl": CURL, "Python": PYTHON, "JavaScript": JAVASCRIPT, "What the network saw": INSIDE}
"""By what a reader looks for."""
