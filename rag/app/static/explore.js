// The tab "In the index": issues over time, search as you type, the state of the index.
import { call } from "./client.js";
import { drawLines, fill, foreign, h } from "./dom.js";
import { openIssue } from "./reader.js";
import { explain, translateParts } from "./reasons.js";
import { language, showDate, showNumber, t } from "./texts.js";
import { drawFeed } from "./feed.js";

const view = document.getElementById("view-explore");
let library = null;

/** Draw the tab; drawn before, the search and the report of added issues stay as they are. */
export async function drawExplore({ issues, upload }) {
  if (!library) drawFrame(upload);
  const state = h("dl", { class: "state" });
  fill(library,
    h("h2", {}, () => t("byMonth")), drawChart(issues),
    h("h2", {}, () => t("issuesTitle")),
    ...drawIssues(issues),
    h("h2", {}, () => t("state")), state);
  try {
    drawState(state, await call("info", {}));
  } catch (error) {
    fill(state, h("p", { class: "error", role: "alert" }, () => explain(error)));
  }
}

function drawFrame(upload) {
  const results = h("div", { class: "results", "aria-live": "polite" });
  const input = h("input", { type: "search", id: "search", placeholder: () => t("searchPlaceholder"), oninput: () => searchSoon(input, results) });
  library = h("div", { class: "library" });
  fill(view, h("div", { class: "scroll" },
    h("label", { class: "search" }, h("h2", {}, () => t("search")), input), results,
    upload ? drawFeed(upload) : null, library));
}

function drawState(state, info) {
  const rows = {
    stateIssues: () => showNumber(info.issues),
    stateArticles: () => showNumber(info.articles),
    statePassages: () => showNumber(info.passages),
    stateBuilt: () => showBuilt(info.built),
    stateModel: () => info.model,
    stateSources: () => translateParts(info.sources_state),
  };
  fill(state, Object.entries(rows).map(([title, value]) =>
    h("div", {}, h("dt", {}, () => t(title)), h("dd", {}, () => foreign(value())))));
}

const ISSUES_AT_ONCE = 100;

function drawIssues(issues) {
  const list = h("ul", { class: "issues" });
  const more = h("button", { type: "button" }, () => t("more"));
  const extend = () => {
    const shown = list.children.length;
    list.append(...issues.slice(shown, shown + ISSUES_AT_ONCE).map(drawIssue));
    more.hidden = list.children.length === issues.length;
  };
  more.addEventListener("click", extend);
  extend();
  return [list, more];
}

function drawIssue(issue) {
  return h("li", {}, h("button", { type: "button", onclick: () => openIssue(issue.source, null) },
    h("time", { datetime: issue.date }, () => showDate(issue.date)),
    h("span", { class: "title" }, foreign(issue.title)),
    h("span", { class: "meta" }, issue.newsletter ? [foreign(issue.newsletter), " · "] : null, () => t("issueLine", issue))));
}

function showBuilt(text) {
  const when = new Date(text);
  return Number.isNaN(when.valueOf()) ? text : `${showDate(text)}, ${when.toLocaleTimeString(language(), { timeStyle: "short" })}`;
}

const MONTHS_NAMED = 18;

/** Bars of issues by month; months without an issue keep their place. */
function drawChart(issues) {
  const months = new Map();
  const dated = issues.filter((issue) => issue.date).map((issue) => issue.date).sort();
  if (!dated.length) return h("p", { class: "note" }, () => t("undated"));
  const [first, last] = [dated[0], dated.at(-1)].map((d) => Number(d.slice(0, 4)) * 12 + Number(d.slice(5, 7)) - 1);
  for (let m = first; m <= last; m += 1) {
    months.set(`${Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}`, { issues: 0, articles: 0 });
  }
  for (const issue of issues) {
    const month = issue.date && months.get(issue.date.slice(0, 7));
    if (month) { month.issues += 1; month.articles += issue.articles; }
  }
  const most = Math.max(...[...months.values()].map((m) => m.issues));
  const long = months.size > MONTHS_NAMED;
  return h("ol", { class: long ? "chart long" : "chart", tabindex: long ? "0" : null }, [...months].map(([month, count]) => {
    const bar = h("span", { class: "bar" });
    bar.style.height = `${(100 * count.issues) / most}%`;
    const text = () => t("articlesIn", { month: showDate(`${month}-01`, "month"), ...count });
    return h("li", { title: text },
      h("span", { class: "column", "aria-hidden": "true" }, count.issues && !long ? h("span", { class: "count" }, () => showNumber(count.issues)) : null, bar),
      h("span", { class: "hidden" }, text),
      h("span", { class: "tick", "aria-hidden": "true" }, nameTick(month, long)));
  }));
}

/** Under each bar its month; where there are too many, its year under each January. */
function nameTick(month, long) {
  const [year, number] = month.split("-");
  if (long) return number === "01" ? year : "";
  return `${number}/${year.slice(2)}`;
}

let waiting = null;
let running = null;

function searchSoon(input, results) {
  clearTimeout(waiting);
  running?.abort();
  const query = input.value.trim();
  if (!query) { results.replaceChildren(); return; }
  waiting = setTimeout(async () => {
    running = new AbortController();
    try {
      const hits = await call("search", { query, k: 12 }, running.signal);
      fill(results, h("p", { class: "meta" }, () => t("results", { n: hits.length })), ...hits.map(({ passage }) => drawHit(passage, query)));
    } catch (error) {
      if (error.name !== "AbortError") fill(results, h("p", { class: "error", role: "alert" }, () => explain(error)));
    }
  }, 120);
}

function drawHit(passage, query) {
  const open = () => openIssue(passage.source, { start: passage.start, end: passage.end, highlights: [] });
  return h("article", { class: "card" },
    h("header", {}, h("button", { type: "button", class: "open", onclick: open, "aria-description": () => t("openAt") }, foreign(passage.article || passage.issue))),
    h("blockquote", { lang: passage.language }, drawLines(passage.text, 0, findWords(passage.text, query))),
    h("footer", {}, h("time", { datetime: passage.date }, () => showDate(passage.date)), passage.newsletter ? [" · ", foreign(passage.newsletter)] : null));
}

function findWords(text, query) {
  const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = new Set(fold(query).match(/[\p{L}\p{N}]{3,}/gu) ?? []);
  const before = (index) => Array.from(text.slice(0, index)).length;
  return [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].filter((m) => words.has(fold(m[0])))
    .map((m) => ({ start: before(m.index), end: before(m.index) + Array.from(m[0]).length, tag: "b" }));
}
