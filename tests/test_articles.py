from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.articles import split_articles
from rag.loading import SourceFile, find_files, read_issue
from rag.types import Article, Issue

SAMPLES = Path(__file__).resolve().parent.parent / "seeds"


def make_issue(text: str, title: str = "Le numéro", newsletter: str = "La Lettre") -> Issue:
    return Issue("a.txt", "a.txt", text, title, None, newsletter, "utf-8", "")


def split(text: str) -> list[Article]:
    return split_articles(make_issue(text))


def read(text: str, article: Article) -> str:
    return "|".join(text[block.start : block.end] for block in article.blocks)


def list_titles(text: str) -> list[tuple[str, str]]:
    return [(article.kind, article.title) for article in split(text)]


TITLED = """Le numéro

Un sujet • Deux sujets • Bienvenue dans La Lettre, mardi 4 février 2025.

« Rien ne sert de courir » Jean de La Fontaine

La fusée décolle

Le pas de tir a tremblé hier à midi.

  • Elle emporte 12 satellites vers une orbite basse.

Le pas de tir à l'aube • La Lettre, A. B. avec Midjourney

  • À SURVEILLER : La suite. Un second vol est prévu en mai.

Le port s'agrandit

Les grues arrivent de Corée par bateau.

Le quai nord reçoit les plus hautes, les autres attendront l'automne.

Vent contraire

La météo retarde la livraison d'un mois entier.

Brest, Lorient

  • Le pont ferme • Le pont de Recouvrance ferme pour deux ans, annonce la mairie. En savoir plus…

  • La criée rouvreLa criée de Lorient rouvre lundi après dix mois de travaux et 4 millions d'euros.

EN EXCLUSIVITÉ POUR LES ABONNÉS :

• Notre carte des ports.

La fusée décolle

Le pas de tir a tremblé hier à midi.

Les moteurs

...

La Lettre : le journal

La Lettre : le journal

Anne Bihan est journaliste depuis vingt ans et vit à Brest avec ses chats.
"""

UNTITLED = """Snap et ses lunettes • Le pont ferme • Bienvenue dans La Lettre, 4 mars 2025.
« Rien ne sert de courir » Jean de La Fontaine
Par Anne Bihan (université de Brest)
Anne Bihan, D. R.
“Les ports sont des villes qui parlent. On les écoute trop peu dans ce pays.”
“Il faudrait commencer par leurs quais, qui savent tout des tempêtes.”
La Lettre est membre de Presse Océan.
Snap a annoncé hier ses premières lunettes pour le grand public.
Elles seront en vente au printemps de l'an prochain.
EN FILIGRANE : La batterie. Elle tient quatre heures, selon la maison.
À SURVEILLER : Le prix. Personne ne le connaît encore.
Le pont de Recouvrance ferme pour deux ans, annonce la mairie de Brest.
Source : mairie de Brest
La criée rouvre • La criée de Lorient rouvre lundi après dix mois de travaux. Lire la suite…
Les moteurs du futur ferry arrivent de Finlande par la mer.
"""


def test_titled_layout() -> None:
    assert list_titles(TITLED) == [
        ("article", "La fusée décolle"),
        ("article", "Le port s'agrandit"),
        ("brief", "Le pont ferme"),
        ("brief", "La criée rouvre"),
    ]
    rocket, port, bridge, auction = split(TITLED)
    assert len(rocket.blocks) == 2, "the picture's credit stands between two blocks"
    assert "À SURVEILLER" in read(TITLED, rocket)
    assert "livraison" in read(TITLED, port), "an inner heading begins no article"
    assert bridge.section == auction.section == "Brest, Lorient"
    assert read(TITLED, bridge).startswith("Le pont de Recouvrance")
    assert read(TITLED, bridge).endswith("mairie.")
    assert read(TITLED, auction).startswith("La criée de Lorient")


def test_untitled_layout() -> None:
    assert list_titles(UNTITLED) == [
        ("article", "Les ports sont des villes qui parlent"),
        ("article", "Snap et ses lunettes"),
        ("article", "Le pont ferme"),
        ("brief", "La criée rouvre"),
        ("article", "Les moteurs du futur ferry arrivent de Finlande par la mer"),
    ]
    column, glasses, *_ = split(UNTITLED)
    assert read(UNTITLED, column).startswith("Par Anne Bihan (université")
    assert read(UNTITLED, glasses).count("\n") == 3


@pytest.mark.parametrize("layout", [TITLED, UNTITLED])
def test_boilerplate_is_out(layout: str) -> None:
    kept = "\n".join(read(layout, article) for article in split(layout))
    for words in (
        "Rien ne sert",
        "Midjourney",
        "D. R.",
        "En savoir plus",
        "Lire la suite",
        "EXCLUSIVITÉ",
        "Notre carte",
        "membre de",
        "Source :",
        "Bienvenue",
        "ses chats",
        "...",
    ):
        assert words not in kept


def test_a_sponsors_text_is_marked_and_the_letter_goes_on_after_it() -> None:
    text = (
        "Bonjour à tous, voici la lettre de ce mois de mai.\nElle commence ici.\n"
        "UN MOT DE NOTRE SPONSOR\nAchetez nos seaux et nos pelles.\n"
        "Et elle continue là, sans autre titre."
    )
    letter, sponsor = split(text)
    assert (letter.kind, sponsor.kind) == ("article", "sponsor")
    assert read(text, sponsor) == "Achetez nos seaux et nos pelles."
    assert read(text, letter).endswith("|Et elle continue là, sans autre titre.")


def test_markdown_headings_make_sections_articles_and_inner_headings() -> None:
    text = (
        "# Le numéro\n\nUn début.\n\n## Puces\n\n### Intel recule\n\nIntel perd 15 000 postes."
        "\n\n### TSMC avance\n\nTSMC ouvre une usine.\n\n## Enquête\n\nUn début.\n\n### Le fond\n\n"
        "Une fin.\n\n## À propos de l'auteur\n\nIl écrit."
    )
    assert [(a.section, a.title) for a in split(text)] == [
        ("", "Le numéro"),
        ("Puces", "Intel recule"),
        ("Puces", "TSMC avance"),
        ("", "Enquête"),
    ]
    assert read(text, split(text)[-1]) == "Un début.|Une fin."


def test_prose_without_structure_is_one_article() -> None:
    text = "Un premier paragraphe, assez long pour être lu.\n\nUn second, qui le suit. Et une fin."
    (article,) = split(text)
    assert (article.title, read(text, article)) == ("Le numéro", text)


def test_a_wrapped_mail_in_english() -> None:
    text = (
        "Meta opens its wallet\n\n"
        "Meta said on Monday that it will spend up to 65 billion dollars on data\n"
        "centers this year. Mark Zuckerberg called the year decisive.\n\n"
        "Analysts had expected less.\n\nSnap bets on glasses\n\n"
        "Snap will sell its first augmented reality glasses to consumers in 2026.\n\n"
        "They need no external battery, the company said on stage.\n\n"
        "You are receiving this because you signed up. Unsubscribe\n"
    )
    issue = make_issue(text, "Weekly", "Weekly")
    assert [a.title for a in split_articles(issue)] == [
        "Meta opens its wallet",
        "Snap bets on glasses",
    ]


def test_a_repeated_paragraph_is_kept_once() -> None:
    text = "Le quai nord reçoit les plus hautes grues.\n\nAutre chose arrive ici, et vite.\n\n" * 3
    (article,) = split(text)
    assert read(text, article).count("quai nord") == 1


@settings(max_examples=60)
@given(st.lists(st.sampled_from((TITLED + UNTITLED).splitlines()), max_size=25))
def test_blocks_never_overlap_and_are_stripped(lines: list[str]) -> None:
    text = "\n".join(lines)
    blocks = sorted((b.start, b.end) for a in split(text) for b in a.blocks)
    position = 0
    for start, end in blocks:
        assert position <= start < end
        assert text[start:end] == text[start:end].strip()
        position = end


REAL = {
    "000": "article article article article brief brief brief article",
    "001": "article article article brief brief brief article brief article",
    "002": "article sponsor article",
    "003": "article article article article brief brief brief brief brief article article article",
    "004": "article article brief brief article article brief article article",
}
REAL_TITLES = {
    "000": [
        (4, "Londres s’attaque à la pédophilie"),
        (6, "Perplexity, voleur"),
        (7, "Alors que la baisse"),
    ],
    "001": [
        (0, "Stargate, un univers"),
        (2, "IA et énergie"),
        (5, "Les salariés veulent"),
        (8, "Vlam !"),
    ],
    "002": [(1, "UN MOT DE NOTRE SPONSOR"), (2, "UN MOT DE NOTRE CHAINE")],
    "003": [
        (0, "OpenAI : Elon Musk"),
        (1, "Mobilisation"),
        (3, "Des puces"),
        (10, "Proton envoie"),
    ],
    "004": [(0, "Nvidia veut faire"), (1, "OpenAI lance"), (7, "Snap accélère")],
}
REAL_OUT = [
    "Paul Virilio",
    "Midjourney",
    "D.R.",
    "D. R.",
    "© Qant",
    "Photo : Snap",
    "Source:",
    "EXCLUSIVITÉ",
    "est membre de",
    "Croissance Plus",
    "Rambuteau",
    "derniers articles",
    "En savoir plus",
    "Bienvenue",
]
REAL_IN = {
    "001": ["À SURVEILLER", "EN FILIGRANE", "premier financier avec les cryptos"],
    "002": ["Sherpai", "Squeezie", "Spoutnik pour"],
    "003": ["réalisateur du documentaire"],
    "004": ["président du groupe bancaire NatWest", "LA BONNE ÉCHELLE"],
}


@pytest.mark.parametrize("number", REAL)
def test_the_real_issues(shared: Path, number: str) -> None:
    (file,) = [f for f in find_files(shared / "seeds")[0] if f.source.startswith(number)]
    issue = read_issue(file, 1_000_000)
    articles = split_articles(issue)
    assert " ".join(a.kind for a in articles) == REAL[number]
    for position, beginning in REAL_TITLES[number]:
        assert articles[position].title.startswith(beginning)
    kept = "\n".join(read(issue.text, article) for article in articles)
    for words in REAL_OUT:
        assert words not in kept
    for words in REAL_IN.get(number, []):
        assert words in kept


@pytest.mark.parametrize("file", find_files(SAMPLES)[0], ids=lambda file: file.source)
def test_the_sample_issues(file: SourceFile) -> None:
    issue = read_issue(file, 1_000_000)
    articles = split_articles(issue)
    assert len(articles) >= 8
    kept = "\n".join(read(issue.text, article) for article in articles)
    for words in ("EXCLUSIVITÉ", "En savoir plus", "Midjourney", "D.R.", "Bienvenue dans"):
        assert words not in kept
    assert all(article.title for article in articles)


@pytest.mark.parametrize("part", ["[a](", "x\n", "a\n\n", "- x\n", '"a. B ', "À • ", "...\n", "« "])
def test_hostile_repetition_stays_linear(part: str) -> None:
    """A part repeated 50,000 times: what is quadratic would run for minutes."""
    split(part * 50_000)
