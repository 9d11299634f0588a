"""Hub models, on tiny ones that the tests save; the network is never asked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import load_embedder
from rag.embedding.hub import Prompts, read_prompts
from rag.embedding.onnx import choose_int8, read_pooling
from rag.errors import ModelError

MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ":", "."]
WORDS = [
    *MARKS,
    "passage",
    "query",
    "la",
    "le",
    "banque",
    "chat",
    "dort",
    "longue",
    "phrase",
    "une",
]
TEXTS = ["le chat dort", "la banque", "une longue phrase . le chat dort . la banque", ""]
pytestmark = pytest.mark.filterwarnings("ignore:Importing from 'sentence_transformers.models'")
PROMPTS = {"query": "query : ", "document": "passage : "}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as sentence-transformers saves it: a BERT of one layer with prompts."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = Tokenizer(
        models.WordPiece({word: row for row, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=24,
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(folder / "bert")
    wrapped.save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"))
    model = SentenceTransformer(modules=[transformer, Pooling(16)], prompts=PROMPTS)
    model.save(str(folder / "model"))
    return folder / "model"


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    """The tiny model, to be changed."""
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


def encode_by_hand(folder: Path, texts: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu").encode(texts, normalize_embeddings=True)


def test_rows_are_those_of_sentence_transformers_with_the_prompts(tiny: Path) -> None:
    embedder = load_embedder(str(tiny))
    for rows, prompt in (
        (embedder.encode_query(TEXTS), "query : "),
        (embedder.encode_documents(TEXTS), "passage : "),
    ):
        expected = encode_by_hand(tiny, [prompt + text for text in TEXTS])
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows, expected, atol=1e-5)
    assert (embedder.dimension, embedder.max_tokens) == (16, 24)


def test_order_is_kept_over_batches_by_length(tiny: Path) -> None:
    texts = [" ".join(["le chat"] * (1 + n * 7 % 9)) for n in range(75)]
    embedder = load_embedder(str(tiny))
    steps: list[int] = []
    rows = embedder.encode_documents(texts, steps.append)
    assert (len(steps), sum(steps)) == (3, 75)
    for row, text in zip(rows, texts, strict=True):
        np.testing.assert_allclose(row, embedder.encode_documents([text])[0], atol=1e-5)


def test_the_fingerprint_is_stable(tiny: Path) -> None:
    assert load_embedder(str(tiny)).fingerprint == load_embedder(str(tiny)).fingerprint


@pytest.mark.parametrize("change", ["prompt", "weights", "tokenizer"])
def test_the_fingerprint_tells_models_apart(tiny: Path, copy: Path, change: str) -> None:
    if change == "prompt":
        path = copy / "config_sentence_transformers.json"
        config = json.loads(path.read_text())
        path.write_text(json.dumps({**config, "prompts": {**PROMPTS, "query": "une : "}}))
    elif change == "weights":
        path = copy / "model.safetensors"
        content = path.read_bytes()
        path.write_bytes(content[:-4] + bytes([content[-4] ^ 1]) + content[-3:])
    else:
        path = copy / "tokenizer.json"
        path.write_text(path.read_text().replace('"banque"', '"banques"'))
    assert load_embedder(str(copy)).fingerprint != load_embedder(str(tiny)).fingerprint


@pytest.mark.parametrize(
    ("stored", "name", "expected"),
    [
        ({"query": "q: ", "document": "d: "}, "some/model", Prompts("q: ", "d: ")),
        ({"query": "q: ", "passage": "p: "}, "some/model", Prompts("q: ", "p: ")),
        ({"query": "q: "}, "some/model", Prompts("q: ", "")),
        ({}, "some/model", Prompts("", "")),
        ({}, "intfloat/multilingual-e5-small", Prompts("query: ", "passage: ")),
        ({"query": "q: "}, "intfloat/multilingual-e5-small", Prompts("q: ", "")),
    ],
    ids=["document", "passage", "query alone", "none", "card asks", "configuration wins"],
)
def test_prompts_come_from_the_models_configuration(
    tmp_path: Path, stored: dict[str, str], name: str, expected: Prompts
) -> None:
    config = tmp_path / "config_sentence_transformers.json"
    config.write_text(json.dumps({"prompts": stored}))
    assert read_prompts(tmp_path, name) == expected


def test_a_model_that_is_not_here_and_no_network() -> None:
    with pytest.raises(ModelError, match="not on this machine") as caught:
        load_embedder("owner/no-such-model")
    assert "hf download owner/no-such-model" in caught.value.hint
    assert "own" in caught.value.hint


def test_a_name_that_cannot_be_one() -> None:
    with pytest.raises(ModelError, match="no embedding model named"):
        load_embedder("not a name")


def test_a_model_in_the_download_cache_is_found_without_network(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = "0123456789abcdef0123456789abcdef01234567"
    repo = tmp_path / "models--owner--tiny"
    shutil.copytree(tiny, repo / "snapshots" / revision)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(revision)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    embedder = load_embedder("owner/tiny")
    assert embedder.name == "owner/tiny"
    here = load_embedder(str(tiny))
    assert embedder.fingerprint == here.fingerprint
    assert np.array_equal(embedder.encode_query(TEXTS), here.encode_query(TEXTS))


def test_pickled_weights_are_not_read(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(ModelError, match="safetensors"):
        load_embedder(str(copy))


def test_a_folder_that_is_no_model_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"x")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        load_embedder(str(tmp_path))
    assert "sentence-transformers" in caught.value.hint


@pytest.fixture(scope="module")
def quantized(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with an int8 ONNX file and no other weights."""
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import BertModel

    folder = Path(shutil.copytree(tiny, tmp_path_factory.mktemp("onnx") / "model"))

    class States(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = BertModel.from_pretrained(str(folder)).eval()

        def forward(self, ids: torch.Tensor, mask: torch.Tensor, kinds: torch.Tensor):
            return self.bert(ids, attention_mask=mask, token_type_ids=kinds).last_hidden_state

    names = ["input_ids", "attention_mask", "token_type_ids"]
    torch.onnx.export(
        States(),
        tuple(torch.ones(2, 5, dtype=torch.long) for _ in names),
        str(folder / "full.onnx"),
        input_names=names,
        output_names=["states"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in [*names, "states"]},
        dynamo=False,
    )
    (folder / "onnx").mkdir()
    target = folder / "onnx" / "model_quantized.onnx"
    quantize_dynamic(folder / "full.onnx", target, weight_type=QuantType.QInt8)
    (folder / "full.onnx").unlink()
    (folder / "model.safetensors").unlink()
    return folder


@pytest.mark.filterwarnings("ignore")
def test_int8_is_used_on_a_cpu_and_near_the_full_model(tiny: Path, quantized: Path) -> None:
    full, small = load_embedder(str(tiny)), load_embedder(str(quantized))
    assert small.fingerprint != full.fingerprint
    assert (small.dimension, small.max_tokens) == (full.dimension, full.max_tokens)
    cosines = np.sum(small.encode_documents(TEXTS) * full.encode_documents(TEXTS), axis=1)
    assert cosines.min() > 0.98


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"pooling_mode": "mean"}, "mean"),
        ({"pooling_mode": "cls"}, "cls"),
        ({"pooling_mode": "max"}, None),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, None),
        ({"pooling_mode": "mean", "include_prompt": False}, None),
    ],
    ids=["mean", "cls", "max", "old mean", "old mean and cls", "prompt left out"],
)
def test_only_poolings_that_are_done_here_are_taken(
    copy: Path, config: dict[str, object], expected: str | None
) -> None:
    (copy / "1_Pooling" / "config.json").write_text(json.dumps(config))
    assert read_pooling(copy) == expected


def test_the_int8_file_is_that_of_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    files = ["onnx/model.onnx", "onnx/model_qint8_arm64.onnx", "onnx/model_quint8_avx2.onnx"]
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert choose_int8(files) == "onnx/model_quint8_avx2.onnx"
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert choose_int8(files) == "onnx/model_qint8_arm64.onnx"
    assert choose_int8(["onnx/model.onnx", "model.safetensors"]) is None
