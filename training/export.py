"""Write a trained table as the model folder that the package ships.

    python -m training.export --table training/out/table.npy --to rag/models/static

The folder is at once what `rag.embedding` reads and a SentenceTransformer (StaticEmbedding, then
Normalize). The fingerprint is the hash of weights and tokenizer.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

NAME = "rag-static-multilingual"
MAX_TOKENS = 256
MODULES = [
    {"idx": idx, "name": str(idx), "path": path, "type": f"sentence_transformers.models.{kind}"}
    for idx, (path, kind) in enumerate([("", "StaticEmbedding"), ("1_Normalize", "Normalize")])
]
SENTENCE_TRANSFORMER = {
    "model_type": "SentenceTransformer",
    "prompts": {"query": "", "document": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def export(table: np.ndarray, tokenizer: Tokenizer, folder: Path) -> None:
    """Write table (vocabulary, dimension) as float16, scaled so that its mean row has length 1:
    cosines do not see the scale, float16 does."""
    table = (table / np.linalg.norm(table, axis=1).mean()).astype(np.float16)
    write_json(folder / "modules.json", MODULES)
    write_json(folder / "config_sentence_transformers.json", SENTENCE_TRANSFORMER)
    write_json(folder / "1_Normalize" / "config.json", {})
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    save_file({"embedding.weight": table}, folder / "model.safetensors", {"format": "pt"})
    digest = hashlib.sha256()
    for name in ("tokenizer.json", "model.safetensors"):
        digest.update((folder / name).read_bytes())
    config = {
        "name": NAME,
        "fingerprint": f"{NAME}-{digest.hexdigest()[:16]}",
        "dimension": table.shape[1],
        "max_tokens": MAX_TOKENS,
    }
    write_json(folder / "rag_model.json", config)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, default=Path("training/out/tokenizer.json"))
    parser.add_argument("--to", type=Path, required=True)
    args = parser.parse_args()
    export(np.load(args.table), Tokenizer.from_file(str(args.tokenizer)), args.to)
    print(sum(path.stat().st_size for path in args.to.rglob("*") if path.is_file()), "bytes")


if __name__ == "__main__":
    main()
