"""Weights on the Hugging Face Hub: fetched from there, and pushed. `checkpoint` stays the only loader.

HF_ENDPOINT names another Hub, HF_HOME another cache; both are huggingface_hub's own.
"""

import dataclasses
import os
import re
from pathlib import Path
from typing import Any, ClassVar

from httpx2 import HTTPError
from huggingface_hub import ModelCard, PyTorchModelHubMixin, constants, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from . import card, checkpoint
from .checkpoint import CONFIG_NAME, WEIGHTS_NAME, Checkpoint
from .errors import HubError
from .model import SoundModel

REPO = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(@(?P<revision>[\w./-]+))?")
"""user/repo, or user/repo@revision: a branch, a tag or a commit."""


def fetch(source: str, **options: Any) -> Path:
    """Download a checkpoint's two files into the cache; what is there already is not downloaded again.

    Args:
        source: user/repo or user/repo@revision.
        options: As `huggingface_hub.hf_hub_download` takes them: token, cache_dir, force_download, local_files_only.

    Raises:
        HubError: The Hub has no such checkpoint or can't be reached.
    """
    found = REPO.fullmatch(source)
    if not found:
        raise HubError(f"{source} is no repository's name: it should look like user/repo or user/repo@revision.")
    repo, revision = found["repo"], found["revision"]
    try:
        config = Path(hf_hub_download(repo, CONFIG_NAME, revision=revision, **options))
        # The cache names the folder after the commit: both files come from the same one, whatever is pushed meanwhile.
        hf_hub_download(repo, WEIGHTS_NAME, revision=config.parent.name, **options)
    except RevisionNotFoundError as error:
        raise HubError(f"{repo} on {constants.ENDPOINT} has no revision {revision}.") from error
    except RepositoryNotFoundError as error:
        raise HubError(
            f"There is no folder {source}, and no model {repo} on {constants.ENDPOINT}; for a private one, run "
            "`hf auth login` first."
        ) from error
    except LocalEntryNotFoundError as error:
        raise HubError(
            f"There is no folder {source}, and {constants.ENDPOINT} can't be reached to fetch a model of that name."
        ) from error
    except EntryNotFoundError as error:
        raise HubError(
            f"{repo} on {constants.ENDPOINT} lacks {CONFIG_NAME} or {WEIGHTS_NAME}: it is not a checkpoint of audioclf."
        ) from error
    except (HTTPError, HFValidationError, OSError) as error:
        raise HubError(f"{repo} can't be fetched from {constants.ENDPOINT}: {error}") from error
    return config.parent


class HubModel(SoundModel, PyTorchModelHubMixin):
    """A SoundModel with the Hub's own verbs: `from_pretrained`, `save_pretrained`, `push_to_hub`.

    The mixin would load weights that don't fit and say nothing, and would unpickle where there is no safetensors
    file. Here both verbs that touch files go through `checkpoint`, which does neither.

    Args:
        loaded: A checkpoint.
    """

    # Set, so that the mixin doesn't make a config of its own out of the arguments.
    _hub_mixin_config: ClassVar[dict[str, Any]] = {}

    def __init__(self, loaded: Checkpoint):
        super().__init__(loaded.mel, loaded.network)
        self.load_state_dict(loaded.model.state_dict())
        self.loaded = loaded
        self.eval()

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | Path, *, revision: str | None = None, **options: Any
    ) -> "HubModel":
        """Load, strictly.

        Args:
            pretrained_model_name_or_path: A folder, user/repo or user/repo@revision.
            revision: The same as after the @.
            options: Of `fetch`.

        Raises:
            CheckpointError: The weights don't fit their config, or there are none.
        """
        source = Path(pretrained_model_name_or_path)
        if not source.is_dir():
            source = fetch(source.as_posix() + (f"@{revision}" if revision else ""), **options)
        return cls(checkpoint.load(source))

    def _save_pretrained(self, save_directory: Path) -> None:
        checkpoint.save(dataclasses.replace(self.loaded, model=self), save_directory)

    def generate_model_card(self, *_: Any, **options: Any) -> ModelCard:
        """The card that `card.text` writes.

        Args:
            options: Of `card.text`: source.
        """
        return ModelCard(card.text(self.loaded, **options))


def push(weights: str | os.PathLike[str], repo: str, *, private: bool | None = None) -> str:
    """Upload a checkpoint and its card in one commit, making the repository where it is missing.

    Args:
        weights: The checkpoint's folder.
        repo: user/repo.
        private: For a new repository only; None leaves it to the account's setting.

    Returns:
        The commit's address.

    Raises:
        CheckpointError: The folder is no checkpoint.
        HubError: The Hub refuses, or can't be reached.
    """
    model = HubModel(checkpoint.load(Path(weights)))
    try:
        return str(
            model.push_to_hub(
                repo,
                commit_message=f"Weights of {model.loaded.provenance.get('recipe', 'audioclf')}",
                private=private,
                model_card_kwargs={"source": repo},
            )
        )
    except (HTTPError, HFValidationError, OSError) as error:
        raise HubError(
            f"{repo} can't be pushed to {constants.ENDPOINT}: {error}\n"
            "A token that may write is needed: run `hf auth login`, or set HF_TOKEN."
        ) from error
