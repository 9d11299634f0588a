"""Words by which a question asks, and those that ask about now, in the seven languages.

The snowball lists of stop words lack them. They change no recall (PIAF, XQuAD), but would count as
words of the question that a passage lacks.
"""

from __future__ import annotations

ASKING: dict[str, tuple[str, ...]] = {
    language: tuple(words.split())
    for language, words in {
        "fr": "quel quelle quels quelles combien comment pourquoi quand où qui que quoi est-ce"
        " lequel laquelle",
        "en": "what which who whom whose how many much when where why",
        "de": "was welche welcher welches welchen wer wem wen wie viel viele wann wo warum wieso",
        "es": "qué cuál cuáles quién quiénes cómo cuánto cuánta cuántos cuántas cuándo dónde por",
        "it": "che cosa quale quali chi come quanto quanta quanti quante quando dove perché",
        "pt": "que qual quais quem como quanto quanta quantos quantas quando onde porque",
        "nl": "wat welke welk wie hoe veel hoeveel wanneer waar waarom",
    }.items()
}
# Every letter speaks of its own day.
NOW: dict[str, tuple[str, ...]] = {
    language: tuple(words.split())
    for language, words in {
        "fr": "aujourd hui actuellement maintenant",
        "en": "now today currently nowadays",
        "de": "heute jetzt derzeit momentan",
        "es": "hoy ahora actualmente",
        "it": "oggi adesso attualmente",
        "pt": "hoje agora atualmente",
        "nl": "vandaag momenteel",
    }.items()
}
