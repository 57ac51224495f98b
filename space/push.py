"""Upload the page to a Hugging Face Space: python space/push.py --repo user/name (or: make space REPO=user/name).

A Space gets what it needs to run and nothing else, and what is no longer here is deleted there.
"""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from httpx2 import HTTPError
from huggingface_hub import CardData, HfApi, RepoCard, constants
from huggingface_hub.errors import HFValidationError

ROOT = Path(__file__).parents[1]

FILES = ("app.py", "requirements.txt", "LICENSE")
FOLDERS = {"audioclf": "**/*", "weights/esc50": "*"}
LEFT_OUT = ("__pycache__", ".DS_Store")

PYTHON_VERSION = "3.12.12"
"""Of the versions that ZeroGPU has, the one that the code runs on. Source:
https://huggingface.co/docs/hub/spaces-zerogpu"""


def front_matter() -> CardData:
    """What Hugging Face reads to build and start the Space.

    Source: https://huggingface.co/docs/hub/spaces-config-reference
    """
    return CardData(
        title="What is that sound?",
        emoji="👂",
        colorFrom="indigo",
        colorTo="green",
        sdk="gradio",
        sdk_version=pinned("gradio"),
        python_version=PYTHON_VERSION,
        app_file="app.py",
        suggested_hardware="cpu-basic",
        short_description="Record a sound, see how a network knows it",
        license="cc-by-nc-3.0",
        datasets=["ashraq/esc50"],
        tags=["audio-classification", "education"],
        pinned=False,
    )


def pinned(package: str) -> str:
    """A package's version in requirements.txt."""
    found = re.search(rf"^{package}==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    if not found:
        raise ValueError(f"requirements.txt pins no {package}.")
    return found[1]


def stage(folder: Path) -> None:
    """Put together what a Space needs, in an empty folder."""
    sources = [ROOT / name for name in FILES]
    sources += [path for name, pattern in FOLDERS.items() for path in (ROOT / name).glob(pattern)]
    for source in sources:
        if source.is_file() and not any(part in LEFT_OUT for part in source.parts):
            target = folder / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    card = RepoCard(f"---\n{front_matter().to_yaml()}\n---\n\n{(ROOT / 'space' / 'README.md').read_text()}")
    card.save(folder / "README.md")


def push(repo: str, private: bool | None = None) -> str:
    """Upload, making the Space where it is missing.

    Returns:
        The Space's address.
    """
    api = HfApi()
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        api.create_repo(repo, repo_type="space", space_sdk="gradio", private=private, exist_ok=True)
        api.upload_folder(
            repo_id=repo, repo_type="space", folder_path=folder, commit_message="The page", delete_patterns="*"
        )
    return f"{constants.ENDPOINT}/spaces/{repo}"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Upload the page to a Hugging Face Space.")
    parser.add_argument("--repo", required=True, metavar="USER/NAME", help="made where it is missing")
    parser.add_argument("--private", action="store_true", help="where it is made: only you can see it")
    arguments = parser.parse_args(argv)
    if not (ROOT / "weights" / "esc50" / "model.safetensors").is_file():
        print("There are no weights to upload: train some into weights/esc50 first.", file=sys.stderr)
        return 1
    try:
        print(push(arguments.repo, arguments.private or None))
    except (HTTPError, HFValidationError, OSError) as error:
        print(f"The Space can't be pushed: {error}", file=sys.stderr)
        print("A token that may write is needed: run `hf auth login`, or set HF_TOKEN.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
