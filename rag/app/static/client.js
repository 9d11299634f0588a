// Talking to the server. Every failure is thrown as an Error that `explain` puts into words.
import { Problem } from "./reasons.js";

// The parameters of the endpoints, in the order of rag/app/api.py.
const NARROWING = ["since", "until", "source", "newsletter", "kind"];
const PARAMETERS = {
  ask: ["question", "history", "k", ...NARROWING, "period_from_question"],
  search: ["query", "k", ...NARROWING],
  info: [],
};
PARAMETERS.stream = PARAMETERS.ask;

// Gradio keeps what it knows of a caller under this name instead of making it anew for every call.
const session_hash = Math.random().toString(36).slice(2);

function inOrder(name, values) {
  return { session_hash, data: PARAMETERS[name].map((parameter) => values[parameter] ?? null) };
}

/** Call a Gradio endpoint that streams; `onUpdate` gets each result, the last one is returned. */
export async function stream(name, values, onUpdate) {
  const { event_id } = await post(`gradio_api/call/${name}`, inOrder(name, values));
  const response = await request(`gradio_api/call/${name}/${event_id}`);
  let last = null;
  for await (const { event, data } of readEvents(response.body)) {
    if (event === "error") throw say(data);
    if (event === "generating" || event === "complete") {
      last = data[0];
      onUpdate(last);
    }
    if (event === "complete") return last;
  }
  throw new Problem("offline");
}

/** Call a Gradio endpoint and return its result. */
export async function call(name, values, signal) {
  const { data } = await post(`gradio_api/run/${name}`, inOrder(name, values), signal);
  return data[0];
}

export async function get(path, values = {}) {
  return (await request(`${path}?${new URLSearchParams(values)}`)).json();
}

export async function post(path, body, signal) {
  const headers = { "content-type": "application/json" };
  return (await request(path, { method: "POST", headers, body: JSON.stringify(body), signal })).json();
}

export async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("offline");
  }
  if (response.status === 401) location.reload();
  if (response.ok) return response;
  throw say(await response.json().catch(() => null));
}

function say(body) {
  return body?.error ? new Error(body.error) : new Problem("broken");
}

/** The lines of a stream of text, as they arrive. */
export async function* readLines(body) {
  const decoder = new TextDecoder();
  let rest = "";
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop();
    yield* lines;
  }
  if (rest) yield rest;
}

async function* readEvents(body) {
  let event = "";
  for await (const line of readLines(body)) {
    if (line.startsWith("event: ")) event = line.slice(7).trim();
    else if (line.startsWith("data: ")) yield { event, data: JSON.parse(line.slice(6)) };
  }
}
