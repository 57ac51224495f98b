"""A small Hugging Face Hub on loopback: creates repositories, takes commits, resolves files.

It speaks what huggingface_hub 2.4 says to the real one, with large files through LFS. What it doesn't know it
answers with 501 and keeps in `unknown`, so that a test notices.
"""

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants


@dataclass
class Repo:
    """One repository.

    Attributes:
        settings: What it was created with.
        commits: In order, each a whole tree of files.
    """

    settings: dict = field(default_factory=dict)
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)

    @property
    def head(self) -> str:
        return list(self.commits)[-1]

    @property
    def files(self) -> dict[str, bytes]:
        return self.commits[self.head] if self.commits else {}

    def commit(self, files: dict[str, bytes]) -> str:
        """Put files over the newest tree; the commit's name is made from what it holds."""
        tree = self.files | files
        seed = repr((len(self.commits), sorted(tree.items()))).encode()
        name = hashlib.sha1(seed).hexdigest()
        self.commits[name] = tree
        return name

    def resolve(self, revision: str) -> str | None:
        if revision == "main":
            return self.head
        return revision if revision in self.commits else None


class LocalHub:
    """The server and what it holds.

    Attributes:
        repos: By kind and name, such as "models/user/repo".
        requests: Every request's method and path, in order.
        unknown: Those that it could not answer.
        token: What a request that writes must bring.
    """

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.requests: list[str] = []
        self.unknown: list[str] = []
        self.objects: dict[str, bytes] = {}
        self.token = "hf_local"
        hub = self

        class Handler(_Handler):
            local_hub = hub

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def add(self, name: str, files: dict[str, bytes]) -> Repo:
        """A model's repository with one commit."""
        repo = self.repos.setdefault(f"models/{name}", Repo())
        repo.commit(files)
        return repo


class _Handler(BaseHTTPRequestHandler):
    local_hub: LocalHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

    def _answer(self) -> None:
        hub, path = self.local_hub, unquote(urlsplit(self.path).path)
        hub.requests.append(f"{self.command} {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and self.command in method.split():
                if self.command == "POST" and self.headers.get("Authorization") != f"Bearer {hub.token}":
                    self._send(401, b'{"error": "Invalid username or password."}')
                    return
                answer(self, body, **found.groupdict())
                return
        hub.unknown.append(f"{self.command} {path}")
        self._send(501, b"")

    do_GET = do_HEAD = do_POST = do_PUT = _answer

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, value) -> None:
        self._send(200, json.dumps(value).encode(), Content_Type="application/json")

    def create(self, body: bytes) -> None:
        asked = json.loads(body)
        kind = asked.get("type", "model") + "s"
        name = f"{asked.get('organization') or 'user'}/{asked['name']}"
        self.local_hub.repos.setdefault(f"{kind}/{name}", Repo(settings=asked))
        prefix = "" if kind == "models" else f"{kind}/"
        self._json({"url": f"{self.local_hub.endpoint}/{prefix}{name}", "name": name})

    def validate(self, body: bytes) -> None:
        assert json.loads(body)["content"].startswith("---\n")
        self._json({"errors": [], "warnings": []})

    def preupload(self, body: bytes, repo: str, revision: str) -> None:
        files = json.loads(body)["files"]
        large = (".safetensors", ".png", ".jpg")
        modes = {f["path"]: "lfs" if f["path"].endswith(large) else "regular" for f in files}
        self._json({"files": [{"path": p, "uploadMode": m, "shouldIgnore": False} for p, m in modes.items()]})

    def lfs_batch(self, body: bytes, repo: str) -> None:
        upload = self.local_hub.endpoint + "/lfs/"
        objects = [
            {"oid": o["oid"], "size": o["size"], "actions": {"upload": {"href": upload + o["oid"], "header": {}}}}
            for o in json.loads(body)["objects"]
        ]
        self._json({"transfer": "basic", "objects": objects})

    def lfs_put(self, body: bytes, oid: str) -> None:
        assert hashlib.sha256(body).hexdigest() == oid
        self.local_hub.objects[oid] = body
        self._send(200, b"")

    def commit(self, body: bytes, repo: str, revision: str) -> None:
        files, deleted = {}, []
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.local_hub.objects[value["oid"]]
            elif entry["key"] == "deletedFile":
                deleted.append(value["path"])
        name = self.local_hub.repos[repo].commit(files)
        for path in deleted:
            del self.local_hub.repos[repo].commits[name][path]
        self._json({"commitUrl": f"{self.local_hub.endpoint}/{repo}/commit/{name}", "commitOid": name})

    def tree(self, body: bytes, repo: str, revision: str) -> None:
        held = self.local_hub.repos[repo]
        self._json([{"type": "file", "path": p, "size": len(b), "oid": "0" * 40} for p, b in held.files.items()])

    def info(self, body: bytes, repo: str, revision: str | None = None) -> None:
        held = self.local_hub.repos[repo]
        sha = held.head if held.commits else None
        self._json({"id": repo.split("/", 1)[1], "sha": sha, "siblings": [{"rfilename": name} for name in held.files]})

    def resolve(self, body: bytes, repo: str, revision: str, file: str) -> None:
        held = self.local_hub.repos.get(f"models/{repo}")
        if held is None:
            self._send(401, b"", X_Error_Code="RepoNotFound")
            return
        commit = held.resolve(revision)
        if commit is None:
            self._send(404, b"", X_Error_Code="RevisionNotFound")
            return
        data = held.commits[commit].get(file)
        if data is None:
            self._send(404, b"", X_Error_Code="EntryNotFound", X_Repo_Commit=commit)
            return
        self._send(200, data, X_Repo_Commit=commit, ETag=f'"{hashlib.sha1(data).hexdigest()}"')


REPO = r"(?P<repo>(models|spaces)/[^/]+/[^/]+)"
ROUTES = [
    ("POST", r"/api/repos/create", _Handler.create),
    ("POST", r"/api/validate-yaml", _Handler.validate),
    ("POST", rf"/api/{REPO}/preupload/(?P<revision>.+)", _Handler.preupload),
    ("POST", rf"/api/{REPO}/commit/(?P<revision>.+)", _Handler.commit),
    ("GET", rf"/api/{REPO}/tree/(?P<revision>.+)", _Handler.tree),
    ("GET", rf"/api/{REPO}(/revision/(?P<revision>.+))?", _Handler.info),
    ("POST", r"/(?P<repo>.+)\.git/info/lfs/objects/batch", _Handler.lfs_batch),
    ("PUT", r"/lfs/(?P<oid>[0-9a-f]{64})", _Handler.lfs_put),
    ("GET HEAD", r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", _Handler.resolve),
]


@pytest.fixture
def local_hub(tmp_path, monkeypatch):
    server = LocalHub()
    monkeypatch.setattr(constants, "ENDPOINT", server.endpoint)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    # Xet, which the real Hub prefers for large files, has a server of its own.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setenv("HF_TOKEN", server.token)
    yield server
    server.close()
    assert not server.unknown
