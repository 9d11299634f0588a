"""The engine for machines, with the clients that machines use."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

QUESTION = "Combien ASML apporte-t-il à Mistral ?"


@pytest.fixture(scope="module")
def client(server):
    return Client(server.url, verbose=False, analytics_enabled=False)


def test_ask_is_the_assistants_answer(client, server):
    answer = client.predict(question=QUESTION, api_name="/ask")
    expected = server.library.assistant.ask(QUESTION)
    assert answer["complete"]
    assert answer["text"] == expected.text
    assert [c["quote"] for c in answer["citations"]] == [c.quote for c in expected.citations]
    first = answer["citations"][0]
    text = server.library.assistant.issue(first["source"]).text
    assert text[first["start"] : first["end"]] == first["quote"]


def test_search_is_the_assistants(client, server):
    hits = client.predict(query="lunettes connectées", k=3, api_name="/search")
    expected = server.library.assistant.search("lunettes connectées", 3)
    assert [h["passage"]["id"] for h in hits] == [h.passage.id for h in expected]


def test_filters_narrow(client):
    hits = client.predict(query="Meta", since="2025-06-01", until="2025-06-30", api_name="/search")
    assert {h["passage"]["date"][:7] for h in hits} == {"2025-06"}


def test_history_resolves_a_follow_up(client):
    history = [{"question": QUESTION, "query": QUESTION, "titles": []}]
    answer = client.predict(question="Et Google ?", history=history, api_name="/ask")
    assert answer["question"] == "Et Google ?"
    assert "Google" in answer["query"]
    assert "apporte" in answer["query"]


def test_info_tells_no_path(client, server):
    info = client.predict(api_name="/info")
    assert info["issues"] == len(server.library.assistant.issues())
    assert str(server.library.folder) not in json.dumps(info)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"question": " "}, "empty"),
        ({"question": "x" * 2001}, "2,001"),
        ({"question": "x", "since": "hier"}, "since"),
        ({"question": "x", "kind": "essai"}, "kind"),
        ({"question": "x", "k": 0}, "k is 0"),
        ({"question": "x", "history": [1]}, "history"),
    ],
)
def test_wrong_values_are_explained(client, values, said):
    with pytest.raises(AppError, match=said):
        client.predict(**values, api_name="/ask")


def test_mcp_client_finds_and_calls_the_tools(server):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def talk():
        url = f"{server.url}gradio_api/mcp/"
        async with (
            streamable_http_client(url) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            result = await session.call_tool("ask", {"question": QUESTION})
            return tools, result

    with ThreadPoolExecutor() as pool:  # a thread of its own: this one may run a browser's loop
        tools, result = pool.submit(asyncio.run, talk()).result()
    assert set(tools) == {"ask", "search", "info"}
    assert "question" in tools["ask"].inputSchema["properties"]
    assert "newsletters" in (tools["ask"].description or "")
    assert not result.isError
    expected = server.library.assistant.ask(QUESTION)
    assert expected.citations[0].quote in json.dumps(
        [json.loads(c.text) for c in result.content], ensure_ascii=False
    )
