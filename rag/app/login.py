"""Who may open the page: one user, whose password comes from a file or the environment."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from pathlib import Path

from rag.errors import ServerError

AUTH_VARIABLE = "RAG_AUTH"


def read_login(argument: str | None, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return (user, password), or None if no login is asked for.

    `argument` is USER:FILE, FILE holding the password; without it the variable RAG_AUTH is read as
    USER:PASSWORD. A password on the command line could be read by every process of the machine, so
    there is no such form. Raises ServerError for a malformed value and an unreadable or empty file.
    """
    if argument:
        user, colon, name = argument.partition(":")
        if not (user and colon and name):
            raise ServerError(
                f"--auth {argument!r} is not a user and a file", "write --auth USER:FILE"
            )
        try:
            password = Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ServerError(
                f"the password of {user!r} cannot be read from {name}: {error}",
                f"put it there: printf %s 'password' > {name}",
            ) from error
        if not password:
            raise ServerError(f"{name} is empty, expected a password", f"put one in {name}")
        return user, password
    if value := environ.get(AUTH_VARIABLE):
        user, colon, password = value.partition(":")
        if not (user and password):
            raise ServerError(f"{AUTH_VARIABLE} is not USER:PASSWORD", f"unset {AUTH_VARIABLE}")
        return user, password
    return None


def admits(login: tuple[str, str], authorization: str) -> bool:
    """True if the value of an Authorization header is `login` (user, password).

    Programs send it: `Basic` with user and password as RFC 7617 has it, or `Bearer` with the
    password alone.
    """
    scheme, _, sent = authorization.partition(" ")
    user, password = login
    if scheme.lower() == "basic":
        expected = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    elif scheme.lower() == "bearer":
        expected = password
    else:
        return False
    # The bytes of a header come as Latin-1, whatever they were before.
    return secrets.compare_digest(sent.strip().encode("latin-1"), expected.encode())
