// The panel beside the answer: the timeline, the cited passages as cards, what else was read.
import { cut, drawLines, foreign, h, name } from "./dom.js";
import { openIssue } from "./reader.js";
import { showDate, t } from "./texts.js";

export const panel = document.getElementById("evidence");
let shown = null;

/** Show the evidence of an answer (of the API) that stands in the element `turn`. */
export function showEvidence(answer, turn) {
  shown?.turn.classList.remove("shown");
  turn.classList.add("shown");
  shown = { answer, turn };
  placePanel();
  panel.hidden = false;
  name(panel, "aria-label", () => t(answer.abstained ? "nearest" : "sources"));
  panel.replaceChildren(...(answer.abstained ? drawNearest(answer) : drawSources(answer)));
  panel.scrollTop = 0;
}

/** Beside the conversation where there is room, else under the answer it belongs to. */
export function placePanel() {
  const wide = matchMedia("(min-width: 62rem)").matches;
  const home = wide || !shown || panel.classList.contains("reading") ? document.querySelector("main") : shown.turn;
  if (panel.parentElement !== home) home.append(panel);
}

export function hideEvidence() {
  shown = null;
  panel.hidden = true;
  panel.replaceChildren();
}

export function redrawEvidence() {
  if (shown) showEvidence(shown.answer, shown.turn);
}

/** Bring card `number` into view and mark it; the focus goes to it. */
export function focusCard(number) {
  const card = panel.querySelector(`[data-card="${number}"]`);
  if (!card) return;
  for (const other of panel.querySelectorAll(".card.current")) other.classList.remove("current");
  card.classList.add("current");
  card.scrollIntoView({ block: "nearest", behavior: calm() });
  card.querySelector("button").focus({ preventScroll: true });
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

function drawSources(answer) {
  const cited = new Set(answer.citations.map((c) => passageOf(answer, c)));
  const others = answer.hits.filter((hit) => !cited.has(hit)).map((hit) => hit.passage);
  return [
    ...drawTimeline(answer),
    h("h2", {}, () => t("sources")),
    ...answer.citations.map((citation) => drawCard(answer, citation)),
    others.length ? h("details", { class: "also" },
      h("summary", {}, () => t("alsoRead", { n: others.length })), others.map(drawPassage)) : null,
  ].filter(Boolean);
}

function drawNearest(answer) {
  const passages = answer.hits.map((hit) => hit.passage);
  const rest = passages.slice(3);
  return [
    h("h2", {}, () => t("nearest")),
    ...passages.slice(0, 3).map(drawPassage),
    rest.length ? h("details", { class: "also" },
      h("summary", {}, () => t("alsoRead", { n: rest.length })), rest.map(drawPassage)) : null,
  ].filter(Boolean);
}

function passageOf(answer, citation) {
  return answer.hits.find(({ passage }) => passage.source === citation.source
    && passage.start <= citation.start && citation.end <= passage.end);
}

function drawCard(answer, citation) {
  const passage = passageOf(answer, citation)?.passage
    ?? { text: citation.quote, start: citation.start, end: citation.end };
  const marks = [{ ...citation, tag: "mark" }, ...citation.highlights.map((span) => ({ ...span, tag: "strong" }))];
  return drawFrame(citation, drawLines(passage.text, passage.start, marks), {
    number: citation.number,
    language: passage.language,
    open: () => openIssue(citation.source, { start: citation.start, end: citation.end, highlights: citation.highlights }),
  });
}

function drawPassage(passage) {
  return drawFrame(passage, drawLines(passage.text, 0, []), {
    language: passage.language,
    open: () => openIssue(passage.source, { start: passage.start, end: passage.end, highlights: [] }),
  });
}

function drawFrame(place, text, { number, language, open }) {
  const title = h("span", { class: "article" }, foreign(place.article || place.issue));
  return h("article", { class: "card", "data-card": number },
    h("header", {},
      number ? h("span", { class: "number", "aria-hidden": "true" }, String(number)) : null,
      h("button", { class: "open", type: "button", onclick: open, "aria-description": () => t("openAt") }, title)),
    h("blockquote", { lang: language }, text),
    h("footer", {}, h("time", { datetime: place.date }, () => showDate(place.date)),
      place.newsletter ? [" · ", foreign(place.newsletter)] : null,
      place.issue && place.issue !== place.article ? h("span", { class: "issue" }, foreign(place.issue)) : null));
}

/** What the issues said at each date, newest first; only where the dates differ. */
function drawTimeline(answer) {
  const entries = answer.timeline.length
    ? answer.timeline.map((entry) => ({ ...entry, number: entry.citation }))
    : answer.citations.filter((c) => c.date).map((c) => ({ date: c.date, value: c.short || c.quote, number: c.number }));
  if (new Set(entries.map((entry) => entry.date)).size < 2) return [];
  entries.sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : a.number - b.number));
  return [h("h2", {}, () => t("timeline")),
    h("ol", { class: "timeline" }, entries.map((entry, i) => h("li", { class: entry.date === entries[0].date ? "newest" : null },
      h("button", { type: "button", onclick: () => focusCard(entry.number) },
        h("time", { datetime: entry.date }, () => showDate(entry.date)),
        i === 0 ? h("span", { class: "tag" }, () => t("newest")) : null,
        h("span", { class: "value" }, foreign(shorten(entry.value)))))))];
}

function shorten(text) {
  return text.length > 110 ? `${cut(text, 0, 105).replace(/\s+\S*$/, "")} …` : text;
}
