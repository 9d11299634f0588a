"""Train the tokenizer: folded case and accents, whole words and word pieces, seven languages.

python -m training.train_tokenizer --data ../shared/data/train --out training/out
"""

from __future__ import annotations

import argparse
import itertools
from collections import Counter, defaultdict
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from training import corpus

UNKNOWN = "[UNK]"
SHARES = {"fr": 0.40, "en": 0.24, "de": 0.10, "es": 0.08, "it": 0.08, "nl": 0.05, "pt": 0.05}
WORDS = 12_000_000
MIN_COUNT = 3
GLOSSARY_REPEATS = 50
NEWS_ARTICLES = 34_152


def build_tokenizer() -> Tokenizer:
    """An untrained tokenizer. Its normaliser lowers case, drops accents and turns punctuation
    into spaces, so that no token ever spans white space: the runtime's cache relies on it."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace("œ", "oe"),
            normalizers.Replace("æ", "ae"),
            normalizers.Replace("ß", "ss"),
            normalizers.Replace(Regex(r"[^\p{L}\p{N}%€$£#+&]+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


def read_texts(folder: Path) -> dict[str, list[str]]:
    """All training text by language."""
    texts: dict[str, list[str]] = defaultdict(list)
    for group in corpus.read_parallel(folder):
        texts[group.languages[0]] += group.left
        texts[group.languages[1]] += group.right
    for article in itertools.islice(corpus.read_news(folder / "news-fr.jsonl.gz"), NEWS_ARTICLES):
        texts["fr"] += [article.title, article.heading, article.body]
    for item in corpus.read_quiz(folder / "quiz.jsonl.gz"):
        texts[item.lang] += [item.question, item.anecdote]
    for paragraph in corpus.read_squad(folder / "piaf-train.json"):
        texts["fr"] += [paragraph.text, *paragraph.questions]
    for lang, terms in corpus.read_glossary().items():
        texts[lang] += terms * GLOSSARY_REPEATS
    return texts


def share_words(texts: dict[str, list[str]], tokenizer: Tokenizer) -> Counter[str]:
    """How often each word occurs when every language has its share of the text.

    Sharing words, not texts, gives every language its share of the vocabulary however much text
    of it there is. Words that a language has fewer than three times are left out."""
    shared: Counter[str] = Counter()
    for lang, share in SHARES.items():
        counts: Counter[str] = Counter()
        for text in texts[lang]:
            counts.update(tokenizer.normalizer.normalize_str(text).split())
        scale = WORDS * share / counts.total()
        for word, count in counts.items():
            if count >= MIN_COUNT:
                shared[word] += count * scale
    return shared


def train_pieces(words: Counter[str], size: int) -> list[str]:
    """Word starts and continuations ("##…") learnt from the words, their counts dampened so that
    rare words, which the pieces are for, have a say."""
    tokenizer = build_tokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=[UNKNOWN], show_progress=False, limit_alphabet=200
    )
    repeated = itertools.chain.from_iterable(
        itertools.repeat(word, round(count**0.7)) for word, count in sorted(words.items())
    )
    batches = iter(lambda: " ".join(itertools.islice(repeated, 1000)), "")
    tokenizer.train_from_iterator(batches, trainer)
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def add_words(pieces: list[str], words: Counter[str], size: int) -> list[str]:
    """The pieces and as many of the most frequent whole words as make up `size`."""
    known = set(pieces)
    ranked = sorted(words, key=lambda word: (-words[word], word))
    fresh = [word for word in ranked if word not in known]
    return pieces + fresh[: size - len(pieces)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("training/out"))
    parser.add_argument("--size", type=int, default=46_000)
    parser.add_argument("--pieces", type=int, default=12_000)
    args = parser.parse_args()
    tokenizer = build_tokenizer()
    words = share_words(read_texts(args.data), tokenizer)
    vocabulary = add_words(train_pieces(words, args.pieces), words, args.size)
    tokenizer.model = models.WordPiece(
        {token: row for row, token in enumerate(vocabulary)}, unk_token=UNKNOWN
    )
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(args.out / "tokenizer.json"), pretty=False)
    print(tokenizer.get_vocab_size(), tokenizer.encode("L’IA coûtera 65 Md€ à l'État").tokens)


if __name__ == "__main__":
    main()
