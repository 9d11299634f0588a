"""Any sentence-transformers model, by folder or Hugging Face name.

On a CPU the model's own int8 ONNX file is used where it offers one; else torch, on the device that
sentence-transformers chooses.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.embedding.base import Progress, to_unit_rows
from rag.embedding.onnx import choose_int8, load_onnx
from rag.errors import ModelError

_USE_OWN = "or set `model` to `own`, which needs no download"
_LONGEST = 512
_CONFIGS = ("*.json", "*.txt", "*.model")
# What a model's card asks for where its configuration is silent.
_UNCONFIGURED_PROMPTS = {"e5": ("query: ", "passage: ")}

Encode = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Prompts:
    """What is put before a question and before a passage."""

    query: str
    document: str


class HubEmbedder:
    """See `rag.embedding.Embedder`. One text batch is encoded at a time: the tokenizers of
    transformers are not safe to share between threads."""

    def __init__(
        self,
        name: str,
        fingerprint: str,
        max_tokens: int,
        prompts: Prompts,
        encode: Encode,
        batch: int,
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.max_tokens = max_tokens
        self._prompts = prompts
        self._encode = encode
        self._batch = batch
        self._lock = threading.Lock()
        self.dimension = int(self._run([""]).shape[1])

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode_sorted([self._prompts.query + text for text in texts], None)

    def encode_documents(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> np.ndarray:
        return self._encode_sorted([self._prompts.document + text for text in texts], progress)

    def _encode_sorted(self, texts: list[str], progress: Progress | None) -> np.ndarray:
        """Longest first, so that little is padded and lack of memory shows at once."""
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(order), self._batch):
            chosen = order[start : start + self._batch]
            rows[chosen] = to_unit_rows(self._run([texts[row] for row in chosen]))
            if progress is not None:
                progress(len(chosen))
        return rows

    def _run(self, texts: list[str]) -> np.ndarray:
        with self._lock:
            return self._encode(texts)


def load_hub(name: str) -> HubEmbedder:
    """Load the model of this folder or Hugging Face name ("name@revision" for a revision).

    Raises ModelError if it is not there, cannot be reached or cannot be loaded."""
    accelerated = _has_accelerator()
    folder = _find_folder(name, accelerated)
    onnx = None if accelerated else choose_int8(folder)
    prompts = read_prompts(folder, name)
    try:
        if onnx is not None:
            encode, max_tokens, batch = *load_onnx(folder, onnx), 32
        else:
            encode, max_tokens, batch = *_load_torch(folder), 128 if accelerated else 32
    except Exception as error:
        raise ModelError(
            f"the embedding model {name} cannot be loaded: {error}",
            hint=f"check that it is a sentence-transformers model, {_USE_OWN}",
        ) from error
    fingerprint = _fingerprint(folder, onnx, prompts, max_tokens)
    return HubEmbedder(name, fingerprint, min(max_tokens, _LONGEST), prompts, encode, batch)


def read_prompts(folder: Path, name: str) -> Prompts:
    """The prompts in the model's configuration: "query", and "document" or what models call it."""
    path = folder / "config_sentence_transformers.json"
    prompts: dict[str, str] = {}
    if path.exists():
        prompts = json.loads(path.read_text(encoding="utf-8")).get("prompts") or {}
    query = prompts.get("query", "")
    document = next((prompts[k] for k in ("document", "passage", "corpus") if k in prompts), "")
    if not any(prompts.values()):
        parts = name.lower().replace("\\", "/").rsplit("/", 1)[-1].split("-")
        for family, (query_prompt, document_prompt) in _UNCONFIGURED_PROMPTS.items():
            if family in parts and "instruct" not in parts:
                return Prompts(query_prompt, document_prompt)
    return Prompts(query, document)


def _has_accelerator() -> bool:
    import torch

    return torch.cuda.is_available() or torch.backends.mps.is_available()


def _load_torch(folder: Path) -> tuple[Encode, int]:
    from sentence_transformers import SentenceTransformer

    if not (any(folder.rglob("*.safetensors"))):
        raise FileNotFoundError("no .safetensors weights in the folder (pickled ones are not read)")
    model = SentenceTransformer(str(folder), local_files_only=True)
    longest = model.max_seq_length

    def encode(texts: list[str]) -> np.ndarray:
        return model.encode(
            texts, prompt="", batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True
        )

    return encode, int(longest) if longest and np.isfinite(longest) else _LONGEST


def _find_folder(name: str, accelerated: bool) -> Path:
    """The folder itself, or the local copy of the model of this name, downloaded if need be."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    repo, _, revision = name.partition("@")
    if folder.is_absolute() or repo.startswith((".", "~")) or repo.count("/") > 1:
        raise ModelError(
            f"there is no folder {name} to load an embedding model from",
            hint=f"correct the path, {_USE_OWN}",
        )
    return _download(repo, revision or None, accelerated)


def _download(repo: str, revision: str | None, accelerated: bool) -> Path:
    import huggingface_hub
    from huggingface_hub import errors

    missing = ModelError(
        f"the embedding model {repo} is not on this machine and cannot be downloaded",
        hint=f"run `hf download {repo}` where there is a network (and HF_HUB_OFFLINE is not set), "
        + _USE_OWN,
    )
    try:
        files = huggingface_hub.HfApi().list_repo_files(repo, revision=revision)
        onnx = None if accelerated else choose_int8(files)
        wanted = [*_CONFIGS, onnx or "*.safetensors"]
        return Path(
            huggingface_hub.snapshot_download(repo, revision=revision, allow_patterns=wanted)
        )
    except errors.GatedRepoError as error:
        raise ModelError(
            f"the embedding model {repo} asks for its licence to be accepted",
            hint=f"accept it on its page, then run `hf auth login`, {_USE_OWN}",
        ) from error
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise ModelError(
            f"there is no embedding model named {repo}",
            hint=f"correct the name (owner/model), {_USE_OWN}",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(
            f"the embedding model {repo} has no revision {revision}",
            hint=f"correct what follows the @, {_USE_OWN}",
        ) from error
    except Exception:
        # Whatever keeps the network away, a copy that is here serves.
        try:
            return Path(
                huggingface_hub.snapshot_download(repo, revision=revision, local_files_only=True)
            )
        except Exception as error:
            raise missing from error


def _fingerprint(folder: Path, onnx: str | None, prompts: Prompts, max_tokens: int) -> str:
    """Hash of every file that shapes the vectors and of the prompts."""
    weights = "*.safetensors" if onnx is None else onnx
    files = {path for pattern in (*_CONFIGS, weights) for path in folder.rglob(pattern)}
    digest = hashlib.sha256(json.dumps([prompts.query, prompts.document, max_tokens]).encode())
    for path in sorted(files):
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return f"hub-{digest.hexdigest()[:24]}"
