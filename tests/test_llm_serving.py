"""Against a real OpenAI-compatible server, `transformers serve`, with a tiny model made here.

The model has one layer and random weights: what it says is noise, but the server, its protocol,
its streaming and its way of stopping are those that people run.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from rag.completions import complete
from rag.config import Settings
from rag.errors import LLMError
from rag.llm import answer_with_llm
from rag.types import Answer, Hit, Passage

pytestmark = pytest.mark.slow
pytest.importorskip("accelerate", reason="transformers serve needs accelerate")

MESSAGES = [{"role": "user", "content": "Combien ?"}]
START_SECONDS = 120


def make_model(folder: Path, max_new_tokens: int) -> str:
    """Save a Llama with random weights and a byte tokenizer, and return its folder.

    It has no end of text: it speaks until it has said `max_new_tokens`.
    """
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    signs = ["<s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE(vocab={s: n for n, s in enumerate(signs)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>")
    fast.chat_template = (
        "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(signs),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=2_000_000,
            bos_token_id=0,
            eos_token_id=None,
        )
    )
    model.generation_config.max_new_tokens = max_new_tokens
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base address of a server that loads the model each request names."""
    folder = tmp_path_factory.mktemp("serve")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment | {"OMP_NUM_THREADS": "1"}, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + START_SECONDS
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            else:
                pytest.fail((folder / "log").read_text()[-2000:])
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def short_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_model(tmp_path_factory.mktemp("short"), 40)


@pytest.fixture(scope="module")
def endless_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_model(tmp_path_factory.mktemp("endless"), 1_000_000)


def settings_for(url: str, model: str) -> Settings:
    return Settings(llm_base_url=url, llm_model=model, llm_retries=0, llm_timeout=60)


def test_reply_streams_to_its_end(server: str, short_model: str) -> None:
    pieces = list(complete(settings_for(server, short_model), MESSAGES))
    assert len(pieces) > 5
    assert all(isinstance(piece, str) for piece in pieces)


def test_reply_is_the_same_each_time(server: str, short_model: str) -> None:
    settings = settings_for(server, short_model)
    assert "".join(complete(settings, MESSAGES)) == "".join(complete(settings, MESSAGES))


def test_closing_stops_the_model(server: str, short_model: str, endless_model: str) -> None:
    """The server generates for one request at a time: the next is served only if it stopped."""
    pieces = complete(settings_for(server, endless_model), MESSAGES)
    assert len(list(islice(pieces, 3))) == 3
    pieces.close()
    assert list(complete(settings_for(server, short_model), MESSAGES))


def test_unknown_model_is_an_error(server: str) -> None:
    with pytest.raises(LLMError):
        list(complete(settings_for(server, "no/such-model"), MESSAGES))


def test_noise_proves_nothing_and_the_extractive_answer_stands(
    server: str, short_model: str
) -> None:
    text = "Meta promet 65 milliards de dollars."
    hits = (Hit(Passage(text, "Titre", "Lettre", None, "a.txt", 0, len(text)), 1.0, 1),)
    fallback = Answer("Meta promet 65 milliards.", (), False, hits, "Combien ?", "Combien ?", 0.9)
    *_, last = answer_with_llm(
        settings_for(server, short_model), "Combien ?", "Combien ?", hits, fallback
    )
    assert last.text == fallback.text
    assert last.note
