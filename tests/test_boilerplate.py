from __future__ import annotations

from collections.abc import Callable

import pytest

import rag.boilerplate as wording


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        (
            wording.is_credit,
            [
                "Le port à l'aube • Photo : AFP",
                "Anne Bihan • D.R.",
                "Anne Bihan (Brest), D. R.",
                "Le sommet • © Presse",
                "Des moteurs • Une Lettre avec GPT-4o",
                "© Anne Bihan",
            ],
            [
                "Le pont ferme • Il ferme pour deux ans, dit la mairie de Brest.",
                "Le Dr. No est arrivé.",
                "Une image vaut mille mots.",
            ],
        ),
        (wording.is_source_line, ["Source: Insee", "Quelle: Destatis"], ["La source : un mystère"]),
        (
            wording.is_sponsor_heading,
            ["UN MOT DE NOTRE SPONSOR", "Anzeige", "Together with Acme", "Presented by Acme"],
            ["Le sponsor du club a quitté le stade hier.", "Sponsors : la fin d'une époque."],
        ),
        (
            wording.is_teaser_heading,
            [
                "EN EXCLUSIVITÉ POUR LES ABONNÉS :",
                "Réservé aux abonnés",
                "For subscribers only",
                "Nur für Abonnenten:",
            ],
            ["Free perd 40 000 abonnés en exclusivité au profit d'Orange, selon l'opérateur."],
        ),
        (
            wording.is_service_line,
            [
                "Se désabonner",
                "View this email in your browser",
                "Subscribe now to get all posts",
                "Vous recevez cette lettre parce que vous êtes inscrit",
            ],
            ["Le navigateur de Google garde sa place.", "Les abonnés paient 10 euros par mois."],
        ),
        (
            wording.is_byline,
            [
                "Par Anne Bihan (Brest)",
                "Par Charles de Gaulle, président",
                "By Jane Doe",
                "Von Anna Schmidt und Jan Berg",
            ],
            ["Par mesure de prudence, la mairie ferme le pont.", "By then it was late."],
        ),
        (
            wording.is_epigraph,
            ["« Rien ne sert de courir » La Fontaine", "“Know thyself.” — Socrates"],
            ["« Rien ne sert de courir », dit-il hier.", "Il dit « non » Paul"],
        ),
        (
            wording.is_note,
            [
                "À SURVEILLER : La suite. Elle vient.",
                "EN FILIGRANE. Le prix.",
                "WHY IT MATTERS: It does.",
            ],
            ["OpenAI : la suite", "IA : la course", "Source : Insee"],
        ),
        (
            wording.is_heading,
            ["À SURVEILLER : La revanche des concurrents.", "EN FILIGRANE.", "WHY IT MATTERS: It."],
            [
                "À SURVEILLER : Cet accord tombe quand la banque prépare une levée de fonds.",
                "ASML : premier actionnaire de Mistral",
                "SK HYNIX : 1,3 milliard d'euros.",
                "SAM ALTMAN : « Nous avons des clients. »",
                "OPENAI LÈVE 40 MILLIARDS DE DOLLARS.",
                "OpenAI lève des fonds.",
            ],
        ),
        (wording.is_membership_line, ["X est membre de Project Y."], ["Il est membre du club."]),
        (
            wording.is_end_matter,
            ["About the author", "Les derniers articles publiés"],
            ["About chips"],
        ),
        (wording.is_cut, ["...", "…", "[…]", "***"], ["... et puis"]),
        (wording.is_signature, ["J.R.", "A. B."], ["J.R. Tolkien", "Oui."]),
        (
            wording.looks_like_title,
            ["Vlam ! Une levée", "Une question ?", "J.D. Vance à Paris"],
            ["Une phrase.", "Une liste :", "Bonjour,", "Un fait. Un autre"],
        ),
    ],
)
def test_wordings(test: Callable[[str], bool], yes: list[str], no: list[str]) -> None:
    assert [text for text in yes if not test(text)] == []
    assert [text for text in no if test(text)] == []


@pytest.mark.parametrize(
    "link",
    [
        "En savoir plus…",
        "Read more →",
        "Mehr erfahren",
        "Leer más...",
        "[Lees meer](https://a.b/c)",
    ],
)
def test_links_to_more_are_cut_off(link: str) -> None:
    assert wording.cut_more_link(f"Une phrase. {link}") == len("Une phrase.")
    assert wording.cut_more_link("Une phrase.") == len("Une phrase.")


def test_markdown_marks_are_taken_off() -> None:
    assert wording.plain_text("**Un** [lien](https://a.b) `mot` snake_case _fin_") == (
        "Un lien mot snake_case fin"
    )


def test_only_drawn_pictures_name_their_subject() -> None:
    assert wording.read_caption("Guerre des prix • La Lettre avec GPT-4o") == "Guerre des prix"
    assert wording.read_caption("Anne Bihan • D.R.") == ""
