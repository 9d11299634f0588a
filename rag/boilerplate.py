"""What the lines of a letter are by their wording: credits, teasers, calls to subscribe, notes…

All functions take one paragraph as plain text (`plain_text`). The patterns describe how letters in
the seven languages word these things; none is of one letter.
"""

from __future__ import annotations

import re

_MARKUP = re.compile(
    r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{0,2000}\)|[*`]{1,3}|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)"
)
_MARKS = re.compile(r"[*`_\[]")
_CREDIT_WORDS = re.compile(
    r"©|\(c\)|\bD\.\s?R\b|\bDR\b|\b(?:photos?|fotos?|crédits?|credits?|illustration|image|imagen|bild"
    r"|immagine|capture|screenshot|courtesy|AFP|Reuters|Getty|Unsplash|Shutterstock|Pexels|Wikimedia"
    r"|iStock|Adobe Stock|Bloomberg via|AP|EPA)\b"
    r"|\b(?:avec|with|mit|con|com|met)\s+(?:Midjourney|DALL|GPT|ChatGPT|o\d|Imagen|Firefly|Flux"
    r"|Stable Diffusion|Sora|Gemini|Grok|Leonardo)",
    re.I,
)
_DRAWN = re.compile(r"\b(?:avec|with|mit|con|com|met)\s+\w", re.I)
_CREDIT_END = re.compile(r"[,•|–—-]\s*(?:©\s*)?D\.?\s?R\.?$")
_CREDIT_START = re.compile(r"(?:©|(?:photos?|crédits? ?photos?|crédits?|fotos?)\s*:)\s*\S", re.I)
_SOURCE = re.compile(r"(?:sources?|quellen?|fuentes?|fonti|fonte|bron|bronnen)\s*:\s*\S", re.I)
_SPONSOR = re.compile(
    r"\b(?:sponsors?|sponsorisé|sponsored|publicité|advertisement|advertorial|anzeige|werbung"
    r"|publicidad|pubblicità|publicidade|advertentie|patrocin\w+|sponsorizzat\w+|gesponsord"
    r"|en partenariat avec|in partnership with|together with|(?:presented|brought to you) by"
    r"|présenté par|(?:un mot de|notre) partenaire|our partners?)\b",
    re.I,
)
_TEASER = re.compile(
    r"\b(?:exclusi\w+|réservée?s?|reserved|only|nur|solo|sólo|só|alleen|exclusivamente)\b.{0,40}"
    r"\b(?:abonn\w+|subscribers?|members|membres|abonnenten|mitglieder|suscriptor\w+|abbonat\w+"
    r"|assinantes|abonnees|leden)\b|\b(?:subscribers|members) only\b"
    r"|\b(?:premium|paid) (?:subscribers|members)\b",
    re.I,
)
_MORE = re.compile(
    r"\[?(?:En savoir plus|Lire la suite|Lire l’article|Lire l'article|Read more|Learn more"
    r"|Continue reading|Mehr erfahren|Weiterlesen|Mehr lesen|Leer más|Saber más|Seguir leyendo"
    r"|Leggi (?:di più|tutto)|Per saperne di più|Saiba mais|Ler mais|Lees (?:meer|verder))"
    r"\s*(?:…|\.{3}|→|»|>|\.)?\]?(?:\([^)\s]*\))?\s*$",
    re.I,
)
_SERVICE = re.compile(
    r"désabonn|désinscri|unsubscribe|abmelden|abbestellen|darse de baja|cancelar (?:la )?(?:suscrip"
    r"|inscri|subscri)|disiscri|annulla l.iscrizione|uitschrijven|afmelden"
    r"|(?:dans|in) (?:un|votre|your|a|ihrem|tu|il|seu|je) ?(?:navigateur|browser|navegador)"
    r"|version en ligne|view (?:this|it)? ?(?:email|online|in (?:your )?browser)|im browser"
    r"|vous recevez (?:ce|cet|cette)|you(?:.re| are) receiv\w+ this|sie erhalten diese"
    r"|recibes este|ricevi questa|recebeu? este|je ontvangt"
    r"|^(?:(?:pour )?(?:vous )?abonne[rz](?:-vous)?|s.abonner|subscribe|sign up|jetzt abonnieren"
    r"|suscr[ií]bete|abbonati|iscriviti|assine|abonneer)\b|forward(?:ed)? this (?:email|to)"
    r"|transfér\w+ (?:ce|cet|cette) (?:mail|e-?mail|lettre|newsletter)|tous droits réservés"
    r"|all rights reserved|alle rechte vorbehalten|politique de confidentialité|privacy policy",
    re.I,
)
_MEMBERSHIP = re.compile(
    r".{1,60} (?:est membre de|is a member of|ist mitglied|es miembro de|è membro di|é membro d\w)"
    r" .{2,60}",
    re.I,
)
_END_MATTER = re.compile(
    r"(?:les )?derniers articles(?: publiés)?|à propos (?:de l.auteure?|des auteurs|de nous)"
    r"|about (?:the )?(?:authors?|us)|recent posts|latest (?:posts|articles)|über (?:den|die)"
    r" autor\w*|sobre (?:el|la|o|a|os|los) autor\w*|(?:sull.|informazioni sull.)autor\w+"
    r"|gli ultimi articoli|últimos artículos|últimos artigos|laatste artikelen|over de auteurs?",
    re.I,
)
_BYLINE = re.compile(
    r"(?:Par|By|Von|Por|Di|Door)\s+[A-ZÀ-Ý][\w’'.-]+(?:\s+(?:(?:de|du|van|von|der|di|da|le|la|d’)\s+)*"
    r"[A-ZÀ-Ý][\w’'.-]*)+\s*(?:$|[,(–—-]|et |and |und |y |e )"
)
_BYLINE_ALONE = re.compile(r"(?:Par|By|Von|Por|Di|Door)\s+[A-ZÀ-Ý][^.!?:;]{2,110}")
_REFERENCE = re.compile(
    r"(?:Cette (?:tribune|chronique)|Ce texte|Cet article|This (?:column|article|essay|piece|op-ed)"
    r"|Dieser (?:Gastb|B)eitrag|Dieser (?:Text|Artikel)|Est[ea] (?:columna|artículo|tribuna|texto"
    r"|artigo|coluna)|Quest\w (?:articolo|testo|intervento)|Dit artikel|Deze column)\b",
    re.I,
)
_EPIGRAPH = re.compile(
    r"(?:«[^«»]{8,240}»|“[^“”]{8,240}”|„[^„“”]{8,240}[“”]|\"[^\"]{8,240}\")\s*[—–,(-]*\s*"
    r"[A-ZÀ-Ý][\w’'. -]{1,60}\)?"
)
_LABEL = re.compile(
    r"(?=[^:.!?\n]*[A-ZÀ-Ý]{2})[A-ZÀ-ÝŒ][A-ZÀ-ÝŒ0-9’' -]{3,40}(?<=\S)(?:\s?:|\.|\s[–—-])\s*(?=\S)"
)
# In the letters at hand such headings have nine words at most, sentences after a label 14 or more.
_HEADING_WORDS = 10
_TELLS = re.compile(r"[\d«»“”\"]")
_SIGNATURE = re.compile(r"(?:[A-ZÀ-Ý]\.\s?-?){1,3}")
_CUT = re.compile(r"[\[(]?\s*(?:…|\.{3,})\s*[\])]?")
_CLOSED = re.compile(r"[.:;,…]\W*$")
_SENTENCES = re.compile(r"[^\W\d_]{2}\.\s+[A-ZÀ-Ý]")
_LONGEST_WORDING = 40
_LONGEST_LINK = 400
LONGEST_TITLE = 110


def plain_text(text: str) -> str:
    """Return the text without inline Markdown marks."""
    if not _MARKS.search(text):
        return text
    return _MARKUP.sub(r"\1", text).strip()


def is_credit(text: str, newsletter: str = "") -> bool:
    """A caption with the credit of its picture (« Le port • Photo : AFP »), or the credit alone."""
    if len(text) > 220:
        return False
    if _CREDIT_END.search(text) or _CREDIT_START.match(text):
        return True
    _, mark, credit = text.rpartition(" • ")
    if not mark or len(credit) > 60:
        return False
    own = bool(newsletter) and credit.casefold().startswith(newsletter.casefold())
    return own or bool(_CREDIT_WORDS.search(credit))


def read_caption(text: str) -> str:
    """Return the caption of a picture drawn for the article (« Guerre des prix • X avec GPT-4o »),
    which names its subject; "" for photographs and portraits."""
    caption, mark, credit = text.rpartition(" • ")
    return caption.strip() if mark and _DRAWN.search(credit) else ""


def is_source_line(text: str) -> bool:
    """« Source : Eurostat », under a chart."""
    return len(text) <= 150 and bool(_SOURCE.match(text))


def is_sponsor_heading(text: str) -> bool:
    """« UN MOT DE NOTRE SPONSOR », "Sponsored", "Anzeige"."""
    return len(text) <= 60 and bool(_SPONSOR.search(text)) and not _CLOSED.search(text[-1:])


def is_teaser_heading(text: str) -> bool:
    """« EN EXCLUSIVITÉ POUR LES ABONNÉS : », above a list of what only they read."""
    return (
        len(text) <= 90
        and bool(_TEASER.search(text))
        and (text.endswith(":") or is_capitals(text) or not _CLOSED.search(text))
    )


def is_service_line(text: str) -> bool:
    """A call to subscribe, unsubscribe, read online; a legal line."""
    return len(text) <= 300 and bool(_SERVICE.search(text))


def is_membership_line(text: str) -> bool:
    """« X est membre de Project Syndicate. », after a piece from elsewhere."""
    return len(text) <= 120 and bool(_MEMBERSHIP.fullmatch(text))


def is_end_matter(text: str) -> bool:
    """The heading of a list of older articles or of the authors' biographies."""
    return bool(_END_MATTER.fullmatch(text.rstrip(" :")))


def is_byline(text: str) -> bool:
    """« Par Howard Davies, président de… »."""
    return len(text) <= 300 and bool(_BYLINE.match(text) or _BYLINE_ALONE.fullmatch(text))


def is_epigraph(text: str) -> bool:
    """A quotation and its author, nothing else."""
    return len(text) <= 320 and bool(_EPIGRAPH.fullmatch(text))


def is_signature(text: str) -> bool:
    """Initials alone: « J.R. »."""
    return bool(_SIGNATURE.fullmatch(text))


def is_cut(text: str) -> bool:
    """The points that stand where a text was cut off, or other signs without a word."""
    return bool(_CUT.fullmatch(text)) or not any(c.isalnum() for c in text)


def is_note(text: str) -> bool:
    """A paragraph under a label in capitals: « À SURVEILLER : La suite. … »."""
    return bool(_LABEL.match(text))


def is_heading(sentence: str) -> bool:
    """A label in capitals, alone or with a few words that head what follows.

    >>> is_heading("À SURVEILLER : La revanche des concurrents.")
    True
    """
    if _TELLS.search(sentence):
        return False
    label = _LABEL.match(sentence)
    if label is None or " " not in label[0].rstrip(" :.–—-"):  # « ASML : premier actionnaire »
        return is_capitals(sentence)
    return len(sentence[label.end() :].split()) <= _HEADING_WORDS


def is_capitals(text: str) -> bool:
    """A line in capitals."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 5 and sum(c.isupper() for c in letters) >= 0.9 * len(letters)


def looks_like_title(text: str) -> bool:
    """A short line that no full stop, colon, comma or points of suspension end."""
    return (
        1 < len(text) <= LONGEST_TITLE
        and any(c.isalpha() for c in text)
        and not _CLOSED.search(text)
        and not _SENTENCES.search(text)
    )


def is_quotation(text: str) -> bool:
    """A paragraph all in quotation marks."""
    return text[:1] in '«“„"' and text[-1:] in '»”“"'


def refers_back(text: str) -> bool:
    """« Cette tribune prolonge… »: a comment on the signed piece above."""
    return bool(_REFERENCE.match(text))


def cut_more_link(text: str) -> int:
    """Return where the text ends without the « En savoir plus… » at its end."""
    longest = _LONGEST_LINK if text.endswith(")") else _LONGEST_WORDING
    match = _MORE.search(text, max(0, len(text) - longest))
    return len(text[: match.start()].rstrip()) if match else len(text)
