"""A mail → the text of its HTML or text part, subject, sender and date."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from typing import cast

from rag.decoding import decode_text
from rag.errors import SourceError
from rag.html import extract_html, find_charset


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail's text and headers; "" and None where it has none. `encoding` is the part's."""

    text: str
    subject: str
    sender: str
    date: date | None
    encoding: str


def extract_mail(data: bytes) -> MailText:
    """Return the text of a mail, of its HTML part if it has one, else of its text part.

    Raises SourceError if it has neither or is no mail.
    """
    try:
        message = cast(EmailMessage, email.message_from_bytes(data, policy=email.policy.default))
        body = message.get_body(preferencelist=("html", "plain"))
    except (RecursionError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise SourceError(f"broken mail: {type(error).__name__}") from error
    if body is None or not (message["From"] or message["Subject"] or message["Date"]):
        raise SourceError("broken mail: no headers or no text in it")
    payload = body.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    declared = str(body.get_param("charset") or "")
    is_html = body.get_content_type() == "text/html"
    text, encoding = decode_text(content, declared or (find_charset(content) if is_html else ""))
    if is_html:
        text = extract_html(text).text
    return MailText(
        text, _read_header(message, "Subject"), _read_sender(message), _read_day(message), encoding
    )


def _read_header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message[name] or "").split())
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""


def _read_sender(message: EmailMessage) -> str:
    try:
        addresses = message["From"].addresses if message["From"] else ()
        return addresses[0].display_name.strip() if addresses else ""
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""


def _read_day(message: EmailMessage) -> date | None:
    try:
        sent = message["Date"].datetime if message["Date"] else None
    except (ValueError, IndexError, AttributeError, TypeError, OverflowError):
        return None
    return sent.date() if sent else None
