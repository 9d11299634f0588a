"""Int8 ONNX models on a CPU: tokenizer, onnxruntime session, pooling.

sentence-transformers' own ONNX backend needs optimum-onnx, which asks for transformers below 4.58;
the file, its tokenizer and its pooling are all that is needed.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

_INT8_NAMES = {
    "x86": ("model_quantized", "model_int8", "model_quint8_avx2", "model_qint8_avx512_vnni"),
    "arm": ("model_qint8_arm64", "model_quantized", "model_int8"),
}
_POOLINGS = ("mean", "cls")
_LONGEST = 512


def choose_int8(files: Path | Iterable[str]) -> str | None:
    """The int8 file for this processor, as a path in the model's folder (or among these names);
    None where there is none, onnxruntime is not installed or the model pools in another way."""
    try:
        import onnxruntime  # noqa: F401
    except ImportError:
        return None
    if isinstance(files, Path):
        if read_pooling(files) is None:
            return None
        files = [path.relative_to(files).as_posix() for path in files.rglob("*.onnx")]
    present = set(files)
    kind = "arm" if platform.machine().lower() in ("arm64", "aarch64") else "x86"
    wanted = [f"{place}{name}.onnx" for name in _INT8_NAMES[kind] for place in ("onnx/", "")]
    return next((name for name in wanted if name in present), None)


def read_pooling(folder: Path) -> str | None:
    """ "mean" or "cls"; None where the model has other modules or pools otherwise."""
    if not (folder / "modules.json").exists():
        return None
    modules = _read_json(folder / "modules.json")
    kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return None
    config = _read_json(folder / modules[1]["path"] / "config.json")
    if not config.get("include_prompt", True):
        return None
    mode = config.get("pooling_mode")
    if mode is None:
        flags = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token"}
        chosen = [k for k, on in config.items() if k.startswith("pooling_mode_") and on is True]
        mode = next((name for name, flag in flags.items() if chosen == [flag]), None)
    return mode if mode in _POOLINGS else None


def load_onnx(folder: Path, name: str) -> tuple[Callable[[list[str]], np.ndarray], int]:
    """A function from texts to (n, dimension) rows, and the model's longest input in tokens."""
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    longest = _read_longest(folder)
    tokenizer.enable_truncation(longest)
    pad = _read_json(folder / "config.json").get("pad_token_id") or 0
    tokenizer.enable_padding(pad_id=pad, pad_token=tokenizer.id_to_token(pad))
    session = onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
    inputs = {node.name for node in session.get_inputs()}
    pooling = read_pooling(folder)

    def encode(texts: list[str]) -> np.ndarray:
        encodings = tokenizer.encode_batch(texts)
        feed = {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
            "token_type_ids": np.array([e.type_ids for e in encodings], dtype=np.int64),
        }
        states = session.run(None, {key: feed[key] for key in inputs})[0]
        if pooling == "cls":
            return states[:, 0]
        mask = feed["attention_mask"][:, :, None].astype(np.float32)
        return (states * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)

    return encode, longest


def _read_longest(folder: Path) -> int:
    limits = [_read_json(folder / "config.json").get("max_position_embeddings")]
    for name, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("tokenizer_config.json", "model_max_length"),
    ):
        if (folder / name).exists():
            limits.append(_read_json(folder / name).get(key))
    return int(min([limit for limit in limits if limit], default=_LONGEST))


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
