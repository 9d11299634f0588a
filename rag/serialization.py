"""Our dataclasses as plain data for JSON: the command line and the page's API say the same."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from rag.types import Citation, Passage


def to_plain(value: Any) -> Any:
    """Return `value` as dicts, lists, texts and numbers; dates as ISO 8601 texts.

    A passage also tells its `id`, a citation its `short` answer.
    """
    if is_dataclass(value) and not isinstance(value, type):
        plain = {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, Passage):
            plain["id"] = value.id
        if isinstance(value, Citation):
            plain["short"] = value.short
        return plain
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def to_json(value: Any) -> str:
    """Return `value` (see `to_plain`) as indented JSON with its letters unescaped."""
    return json.dumps(to_plain(value), ensure_ascii=False, indent=2)
