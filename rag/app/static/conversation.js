// The conversation: each turn a question, what was searched, the answer with its marks.
import { call, stream } from "./client.js";
import { fill, foreign, h, say, visible } from "./dom.js";
import { focusCard, hideEvidence, showEvidence } from "./evidence.js";
import { drawVerdict } from "./verdict.js";
import { copyAnswer } from "./keep.js";
import { explain } from "./reasons.js";
import { showDate, t } from "./texts.js";

const log = document.getElementById("turns");
/** The complete answers so far, oldest first. */
export const answers = [];
const TURNS_SENT = 20;
let streams = false;

/** Whether the server's answers grow, a language model writing them, or come whole. */
export function expectStreams(yes) {
  streams = yes;
}

/** Ask and show the answer as it grows. `filters` as the API names them. Never throws. */
export async function ask(question, filters, periodFromQuestion = true) {
  const body = h("div", { class: "answer" }, h("p", { class: "waiting" }, () => t("thinking")));
  const searched = h("div", { class: "searched" });
  const turn = h("article", { class: "turn" }, h("h2", { class: "asked" }, foreign(question)), searched, body);
  log.append(turn);
  document.getElementById("welcome").hidden = true;
  turn.scrollIntoView({ block: "start", behavior: "instant" });
  say(t("thinking"));
  try {
    const values = { question, history: makeHistory(), ...filters, period_from_question: periodFromQuestion };
    const grow = (partial) => body.replaceChildren(...drawText(partial, turn));
    const answer = await (streams ? stream("stream", values, grow) : call("ask", values));
    answers.push(answer);
    finish(answer, turn, body, searched, filters, periodFromQuestion);
    document.dispatchEvent(new CustomEvent("rag:answered"));
  } catch (error) {
    const again = () => { turn.remove(); ask(question, filters, periodFromQuestion); };
    fill(body, h("p", { class: "error", role: "alert" }, () => t("failed", { error: explain(error) })),
      h("button", { type: "button", onclick: again }, () => t("retry")));
  }
}

export function clearConversation() {
  answers.length = 0;
  log.replaceChildren();
  hideEvidence();
  document.getElementById("welcome").hidden = false;
}

function finish(answer, turn, body, searched, filters, periodFromQuestion) {
  turn.classList.toggle("abstained", answer.abstained);
  const show = () => showEvidence(answer, turn);
  body.replaceChildren(
    ...drawText(answer, turn),
    ...(answer.note ? [h("p", { class: "note" }, visible(answer.note))] : []),
    ...answer.unproven.map((sentence) => h("p", { class: "note" }, () => t("unproven", { sentence }))),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "quiet see", onclick: show }, () => t(answer.abstained ? "seeNearest" : "seeSources")),
      h("button", { type: "button", class: "quiet", onclick: (event) => copyAnswer(answer, event.currentTarget) }, () => t("copy")),
      drawVerdict(answer)));
  drawSearched(searched, answer, filters, periodFromQuestion);
  show();
  say(answer.text);
}

function drawSearched(place, answer, filters, periodFromQuestion) {
  const rows = [];
  if (answer.query !== answer.question) {
    rows.push(h("p", {}, () => t("searched"), h("q", {}, foreign(answer.query))));
  }
  const { since, until } = answer.filters;
  if (periodFromQuestion && (since || until) && !filters.since && !filters.until) {
    const overrule = () => ask(answer.question, filters, false);
    rows.push(h("p", { class: "period" }, () => t("period", { period: showPeriod(since, until) }), " ",
      h("button", { type: "button", class: "chip", onclick: overrule }, () => t("periodIgnore"), " ×")));
  }
  place.replaceChildren(...rows);
}

export function showPeriod(since, until) {
  const values = { a: showDate(since), b: showDate(until) };
  return t(since && until ? "fromTo" : since ? "from" : "to", values);
}

/** The paragraphs of an answer's text, its marks [n] as buttons, the short answers strong. */
function drawText(answer, turn) {
  const citations = new Map((answer.citations ?? []).map((c) => [c.number, c]));
  return bind(answer.text).split(/\n+/).filter((line) => line.trim()).map((line) => {
    const nodes = [];
    let at = 0;
    for (const match of line.matchAll(/\s?\[(\d+)\]/g)) {
      const citation = citations.get(Number(match[1]));
      nodes.push(...strengthen(line.slice(at, match.index), citation));
      nodes.push(citation || !answer.complete ? drawMark(Number(match[1]), citation, answer, turn) : match[0]);
      at = match.index + match[0].length;
    }
    const rest = visible(line.slice(at));
    const dated = at > 0 && /^\s*\([^()]*\)\s*$/.test(line.slice(at));
    return h("p", {}, h("bdi", {}, nodes, dated ? h("span", { class: "meta" }, rest) : rest));
  });
}

/** French puts a space before these marks: no line may break there. */
function bind(text) {
  return text.replace(/ (?=[:;?!%»])/g, "\u00a0");
}

/** `text` with the short answer strong: where it stands first in the line, else its last place. */
function strengthen(text, citation) {
  // The text has plain spaces where the issue has others, or line breaks.
  const short = citation?.short && bind(citation.short.replace(/\s+/g, " "));
  const at = !short ? -1 : text.startsWith(short) ? 0 : text.lastIndexOf(short);
  if (at < 0) return visible(text);
  const end = at + short.length;
  return [...visible(text.slice(0, at)), h("strong", {}, visible(short)), ...visible(text.slice(end))];
}

function drawMark(number, citation, answer, turn) {
  const name = () => t(citation.date ? "mark" : "markPlain",
    { n: number, article: citation.article || citation.issue, date: showDate(citation.date) });
  const open = () => { showEvidence(answer, turn); focusCard(number); };
  return h("button", { type: "button", class: "mark", disabled: !citation, onclick: open,
    "aria-label": citation && name }, String(number));
}

function makeHistory() {
  return answers.slice(-TURNS_SENT).map(({ question, query, citations }) => (
    { question, query, titles: [...new Set(citations.map((c) => c.article))] }));
}
