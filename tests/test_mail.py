from __future__ import annotations

from datetime import date
from email.message import EmailMessage

import pytest

from rag.errors import SourceError
from rag.mail import extract_mail


def make_mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "La Lettre <lettre@example.org>"
    message["Subject"] = "L’été à 65 milliards €"
    message["Date"] = "Thu, 31 Jul 2025 23:30:00 +0200"
    for name, value in headers.items():
        message[name] = value
    return message


def test_headers_and_the_html_part_are_read() -> None:
    message = make_mail()
    message.set_content("Version en texte.")
    message.add_alternative("<p>Version en <b>page</b>.</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    mail = extract_mail(message.as_bytes())
    assert mail.text == "Version en page."
    assert mail.subject == "L’été à 65 milliards €"
    assert mail.sender == "La Lettre"
    assert mail.date == date(2025, 7, 31)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-15", "windows-1252"])
@pytest.mark.parametrize("transfer", ["base64", "quoted-printable"])
def test_the_text_part_is_decoded(charset: str, transfer: str) -> None:
    message = make_mail()
    message.set_content("Déjà 65 €, à l'été.\n", charset=charset, cte=transfer)
    assert extract_mail(message.as_bytes()).text.strip() == "Déjà 65 €, à l'été."


def test_a_wrong_or_unknown_charset_is_survived() -> None:
    raw = b"From: a@b.c\nContent-Type: text/plain; charset=%s\n\n\xc3\xa9t\xc3\xa9\n"
    for charset in (b"us-ascii", b"nonsense", b"latin-1"):
        assert extract_mail(raw % charset).text == "été\n"


def test_missing_headers_are_empty() -> None:
    mail = extract_mail(b"Subject: Rien d'autre\n\nDu texte.\n")
    assert (mail.sender, mail.date, mail.text) == ("", None, "Du texte.\n")


@pytest.mark.parametrize(
    "date_header", ["", "hier", "Thu, 99 Jul 2025 10:00:00", "31 Feb 2025", "\x00"]
)
def test_broken_dates_are_no_dates(date_header: str) -> None:
    mail = extract_mail(f"Subject: S\nDate: {date_header}\n\nDu texte.\n".encode())
    assert mail.date is None
    assert mail.subject == "S"


@pytest.mark.parametrize(
    "data",
    [
        b"\n\nno headers at all",
        b"just words",
        b"Subject: nothing below\nContent-Type: image/png\n\nabc",
        b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nno part",
    ],
)
def test_what_holds_no_letter_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="broken mail"):
        extract_mail(data)


def test_deeply_nested_parts_are_refused_or_read() -> None:
    lines = ["Subject: x"]
    for depth in range(3000):
        lines += [f"Content-Type: multipart/mixed; boundary=b{depth}", "", f"--b{depth}"]
    with pytest.raises(SourceError, match="broken mail"):
        extract_mail("\n".join([*lines, "Content-Type: text/plain", "", "end"]).encode())
