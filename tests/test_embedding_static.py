from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import rag
from rag.embedding import Embedder, load_embedder
from rag.embedding.static import StaticEmbedder, load_static
from rag.errors import ModelError

FOLDER = Path(rag.__file__).parent / "models" / "static"
LARGEST = 25_000_000
TEXTS = [
    "Combien Meta investit-il dans l’IA ?",
    "La banque centrale relève ses taux d'un quart de point.",
    "The central bank raises interest rates.",
    "Die Zentralbank erhöht die Zinsen; der Euro steigt auf 1,12 $.",
    "  espaces\u00a0insécables\u202fet\ttabulations\x1c\x85 ",
    "œuvre, ŒUVRE, straße, ﬁn…",
    "日本語",
    "",
    "a" * 300,
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder()


def test_rows_are_unit_float32_in_order(embedder: Embedder) -> None:
    rows = embedder.encode_documents(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    for text, row in zip(TEXTS, rows, strict=True):
        assert np.array_equal(embedder.encode_documents([text])[0], row)


def test_a_row_does_not_depend_on_its_batch(embedder: Embedder) -> None:
    """Few texts and many take different ways; an incremental build must equal a full one."""
    many = embedder.encode_documents(TEXTS * 10)
    assert np.array_equal(many[: len(TEXTS)], embedder.encode_documents(TEXTS))


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.encode_query([]).shape == (0, embedder.dimension)


def test_a_text_without_known_words_has_the_fixed_direction(embedder: Embedder) -> None:
    fixed = np.eye(1, embedder.dimension, dtype=np.float32)
    assert np.array_equal(embedder.encode_query([" \n"]), fixed)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("combien meta investit dans l'ia", "Combien Meta investit dans l’IA ?"),
        ("les etats unis", "Les États-Unis"),
        ("grosse strasse", "Große Straße"),
        ("coeur", "cœur"),
    ],
)
def test_case_accents_and_quotes_make_no_difference(
    embedder: Embedder, typed: str, printed: str
) -> None:
    left, right = embedder.encode_query([typed, printed])
    np.testing.assert_allclose(left, right, atol=1e-6)


@pytest.mark.parametrize(
    ("question", "passage", "other"),
    [
        (
            "Who sued the company?",
            "L'entreprise est poursuivie en justice par un éditeur.",
            "L'équipe a remporté le match de rugby dimanche.",
        ),
        (
            "Wie viel kostet das Auto?",
            "Le prix de la voiture est de 30.000 euros.",
            "Le président a prononcé un discours hier.",
        ),
        (
            "¿Dónde se construye la fábrica?",
            "L'usine sera construite dans le nord du pays.",
            "Le chanteur publie un nouvel album.",
        ),
        (
            "Quanti utenti ha il social network?",
            "Le réseau social compte des millions d'utilisateurs.",
            "La tempête a fait deux morts.",
        ),
    ],
    ids=["en", "de", "es", "it"],
)
def test_a_question_is_nearer_to_its_passage_in_another_language(
    embedder: Embedder, question: str, passage: str, other: str
) -> None:
    near, far = embedder.encode_documents([passage, other]) @ embedder.encode_query([question])[0]
    assert near > far + 0.1


def test_sentence_transformers_gives_the_same_vectors(embedder: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(FOLDER), device="cpu")
    texts = [text for text in TEXTS if text.strip()]
    there = np.asarray(model.encode(texts), dtype=np.float32)
    np.testing.assert_allclose(embedder.encode_documents(texts), there, atol=1e-3)


def test_neither_torch_nor_transformers_nor_scipy_is_loaded_for_a_question() -> None:
    script = (
        "import sys; from rag.embedding import load_embedder;"
        "load_embedder().encode_query(['une question']);"
        "print([m for m in ('torch', 'transformers', 'scipy', 'faiss') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_threads_share_one_model(embedder: Embedder) -> None:
    texts = [f"mot{n} partagé par plusieurs fils, numéro {n % 7}" for n in range(400)]
    expected = embedder.encode_documents(texts)
    shared = load_static(FOLDER)
    results: dict[int, np.ndarray] = {}

    def encode(worker: int) -> None:
        results[worker] = shared.encode_documents(texts)

    workers = [threading.Thread(target=encode, args=(n,)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 8
    assert all(np.array_equal(rows, expected) for rows in results.values())


def test_forgetting_remembered_words_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.embedding.static._CACHED_WORDS", 3)
    forgetful = load_static(FOLDER)
    twice = [forgetful.encode_documents(TEXTS) for _ in range(2)]
    assert np.array_equal(*twice)
    assert np.array_equal(twice[0], load_embedder().encode_documents(TEXTS))


def test_progress_adds_up_to_the_number_of_texts(embedder: Embedder) -> None:
    steps: list[int] = []
    embedder.encode_documents(["un texte"] * 5000, steps.append)
    assert len(steps) > 1
    assert sum(steps) == 5000


def test_the_fingerprint_is_that_of_weights_and_tokenizer(embedder: Embedder) -> None:
    digest = hashlib.sha256()
    for name in ("tokenizer.json", "model.safetensors"):
        digest.update((FOLDER / name).read_bytes())
    assert embedder.fingerprint.endswith(digest.hexdigest()[:16])


def test_the_model_is_small_and_has_its_card() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= LARGEST
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(word in card for word in ("CC BY", "recall", "Limits"))


@pytest.mark.parametrize("name", ["rag_model.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "cut", "empty"])
def test_a_damaged_model_is_named_with_the_way_out(tmp_path: Path, name: str, damage: str) -> None:
    for path in FOLDER.glob("*.json"):
        shutil.copy(path, tmp_path)
    (tmp_path / "model.safetensors").symlink_to(FOLDER / "model.safetensors")
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    if damage != "missing":
        (tmp_path / name).write_bytes(content[: len(content) // 2] if damage == "cut" else b"")
    with pytest.raises(ModelError, match=name if damage == "missing" else "damaged") as caught:
        load_static(tmp_path)
    assert "install" in caught.value.hint


def test_a_table_of_another_shape_is_refused(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.json"):
        shutil.copy(path, tmp_path)
    (tmp_path / "model.safetensors").symlink_to(FOLDER / "model.safetensors")
    config = json.loads((tmp_path / "rag_model.json").read_text(encoding="utf-8"))
    (tmp_path / "rag_model.json").write_text(json.dumps({**config, "dimension": 3}))
    with pytest.raises(ModelError, match="was expected"):
        load_static(tmp_path)


def test_sums_of_texts_add_up() -> None:
    embedder = load_embedder()
    assert isinstance(embedder, StaticEmbedder)
    first, second, both = embedder.sum_tokens(["Le port", "de Lannion", "Le port\nde Lannion"])
    np.testing.assert_allclose(first + second, both, atol=1e-4)
