"""What the reader is told about the language model, in the language of the question."""

from __future__ import annotations

_UNPROVEN = {
    "fr": "(non prouvé)",
    "en": "(unproven)",
    "de": "(nicht belegt)",
    "es": "(no probado)",
    "it": "(non provato)",
    "pt": "(não provado)",
    "nl": "(niet bewezen)",
}
_FALLBACK = {
    "fr": "Réponse sans modèle de langue : {}.",
    "en": "Answered without the language model: {}.",
    "de": "Antwort ohne Sprachmodell: {}.",
    "es": "Respuesta sin modelo de lenguaje: {}.",
    "it": "Risposta senza modello linguistico: {}.",
    "pt": "Resposta sem modelo de linguagem: {}.",
    "nl": "Antwoord zonder taalmodel: {}.",
}
# By `LLMError.reason`, in the order of _FALLBACK.
_REASONS = {
    "unreachable": (
        "serveur injoignable",
        "server unreachable",
        "Server nicht erreichbar",
        "servidor inaccesible",
        "server irraggiungibile",
        "servidor inacessível",
        "server onbereikbaar",
    ),
    "timeout": (
        "pas de réponse à temps",
        "no reply in time",
        "keine rechtzeitige Antwort",
        "sin respuesta a tiempo",
        "nessuna risposta in tempo",
        "sem resposta a tempo",
        "geen antwoord op tijd",
    ),
    "key": (
        "clé refusée",
        "key refused",
        "Schlüssel abgelehnt",
        "clave rechazada",
        "chiave rifiutata",
        "chave recusada",
        "sleutel geweigerd",
    ),
    "model": (
        "modèle inconnu du serveur",
        "model unknown to the server",
        "Modell dem Server unbekannt",
        "modelo desconocido para el servidor",
        "modello sconosciuto al server",
        "modelo desconhecido do servidor",
        "model onbekend bij de server",
    ),
    "busy": (
        "serveur saturé",
        "server busy",
        "Server überlastet",
        "servidor saturado",
        "server sovraccarico",
        "servidor sobrecarregado",
        "server overbelast",
    ),
    "refused": (
        "demande refusée",
        "request refused",
        "Anfrage abgelehnt",
        "petición rechazada",
        "richiesta rifiutata",
        "pedido recusado",
        "verzoek geweigerd",
    ),
    "server": (
        "erreur du serveur",
        "server error",
        "Serverfehler",
        "error del servidor",
        "errore del server",
        "erro do servidor",
        "serverfout",
    ),
    "malformed": (
        "réponse illisible",
        "unreadable reply",
        "unlesbare Antwort",
        "respuesta ilegible",
        "risposta illeggibile",
        "resposta ilegível",
        "onleesbaar antwoord",
    ),
    "cut": (
        "réponse interrompue",
        "reply cut off",
        "Antwort abgebrochen",
        "respuesta interrumpida",
        "risposta interrotta",
        "resposta interrompida",
        "antwoord afgebroken",
    ),
    "empty": (
        "réponse vide",
        "empty reply",
        "leere Antwort",
        "respuesta vacía",
        "risposta vuota",
        "resposta vazia",
        "leeg antwoord",
    ),
    "unproven": (
        "rien de ce qu'il a écrit n'est prouvé",
        "nothing it wrote is proven",
        "nichts davon ist belegt",
        "nada de lo que escribió está probado",
        "nulla di ciò che ha scritto è provato",
        "nada do que escreveu está provado",
        "niets daarvan is bewezen",
    ),
}


def mark_unproven(sentence: str, language: str) -> str:
    """Return a sentence with the mark that no citation proves it."""
    return f"{sentence} {_UNPROVEN.get(language, _UNPROVEN['fr'])}"


def describe_failure(reason: str, language: str) -> str:
    """Return one sentence saying why the answer was written without the language model.

    `reason` is that of an LLMError; `language` an ISO code, French if it is none of the seven.
    """
    language = language if language in _FALLBACK else "fr"
    return _FALLBACK[language].format(_REASONS[reason][list(_FALLBACK).index(language)])
