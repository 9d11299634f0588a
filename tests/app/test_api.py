"""The engine for machines, with the clients that machines use."""

from __future__ import annotations

import asyncio
import base64
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from rag.app.server import close_page, launch_page, page_url

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


def test_many_at_once_get_their_own_answers(server):
    questions = [f"Combien coûte le zorglub numéro {n} ?" for n in range(20)]
    questions += [QUESTION, "Que fait Meta ?", "Qui dirige Nvidia ?"]

    def ask(http, question):
        values = {"data": [question, [], *[None] * 6, True]}
        response = http.post("gradio_api/run/ask", json=values).raise_for_status()
        return response.json()["data"][0]

    with httpx.Client(base_url=server.url, timeout=60) as http, ThreadPoolExecutor(50) as pool:
        asked = questions * 3
        answers = list(pool.map(lambda question: ask(http, question), asked))
    expected = {question: server.library.assistant.ask(question).text for question in questions}
    assert [answer["question"] for answer in answers] == asked
    assert [answer["text"] for answer in answers] == [expected[question] for question in asked]


def talk_mcp(url, question, headers=None):
    """Return the tools that an MCP client finds, and what `ask` answers to `question`."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def talk():
        async with (
            httpx.AsyncClient(headers=headers, timeout=30) as http,
            streamable_http_client(f"{url}gradio_api/mcp/", http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            return tools, await session.call_tool("ask", {"question": question})

    with ThreadPoolExecutor() as pool:  # a thread of its own: this one may run a browser's loop
        return pool.submit(asyncio.run, talk()).result()


def read_quotes(result):
    return [c["quote"] for part in result.content for c in json.loads(part.text)["citations"]]


def test_mcp_client_finds_and_calls_the_tools(server):
    tools, result = talk_mcp(server.url, QUESTION)
    assert set(tools) == {"ask", "search", "info"}
    assert "question" in tools["ask"].inputSchema["properties"]
    assert "newsletters" in (tools["ask"].description or "")
    assert not result.isError
    expected = server.library.assistant.ask(QUESTION)
    assert read_quotes(result) == [c.quote for c in expected.citations]


def test_mcp_client_is_told_what_is_wrong(server):
    _, result = talk_mcp(server.url, " ")
    assert result.isError
    assert "empty" in result.content[0].text


@pytest.fixture(scope="module")
def locked_url(server):
    running = launch_page(server.library.assistant, login=("zoé", "sésame ☂"), mcp=True)
    yield page_url(running)
    close_page(running)


@pytest.mark.parametrize(
    "authorization",
    ["Bearer sésame ☂", "Basic " + base64.b64encode("zoé:sésame ☂".encode()).decode()],
)
def test_mcp_client_logs_in_by_a_header(locked_url, server, authorization):
    headers = {"authorization": authorization.encode()}
    _, result = talk_mcp(locked_url, QUESTION, headers)
    expected = server.library.assistant.ask(QUESTION)
    assert read_quotes(result) == [c.quote for c in expected.citations]


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer sesame", "Basic zoé:sésame ☂", "Digest sésame ☂", "sésame ☂"],
)
def test_mcp_is_closed_to_others(locked_url, authorization):
    headers = {"authorization": authorization.encode(), "accept": "text/event-stream"}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for path in ("gradio_api/mcp", "gradio_api/mcp/", "gradio_api/mcp/http/"):
        answer = httpx.post(locked_url + path, json=message, headers=headers)
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers


def test_the_header_opens_nothing_but_mcp(locked_url):
    headers = {"authorization": "Bearer sésame ☂".encode()}
    for path in ("issues", "config", "gradio_api/info"):
        answer = httpx.get(locked_url + path, headers=headers)
        assert answer.status_code == 401
        assert "www-authenticate" not in answer.headers  # no box of the browser over the page
