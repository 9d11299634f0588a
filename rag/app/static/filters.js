// What the search is narrowed to: fields to set it, chips that show it, one click to clear each.
import { foreign, h } from "./dom.js";
import { showDate, t } from "./texts.js";

const KINDS = { article: "kindArticle", brief: "kindBrief", sponsor: "kindSponsor" };
const chips = document.getElementById("chips");
const fields = document.querySelector("#filters .fields");
let filters = {};

/** The filters in force, as the API names them. */
export function currentFilters() {
  return { ...filters };
}

export function drawFilters(issues) {
  const newsletters = [...new Set(issues.map((issue) => issue.newsletter).filter(Boolean))].sort();
  const options = (all, pairs) => [h("option", { value: "" }, () => t(all)), ...pairs.map(([value, text]) => h("option", { value }, text))];
  const field = (name, input) => h("label", {}, () => t(name), input);
  const change = (name) => (event) => set(name, event.target.value);
  fields.replaceChildren(
    field("since", h("input", { type: "date", name: "since", onchange: change("since") })),
    field("until", h("input", { type: "date", name: "until", onchange: change("until") })),
    field("newsletter", h("select", { name: "newsletter", onchange: change("newsletter") }, options("allNewsletters", newsletters.map((n) => [n, n])))),
    field("kind", h("select", { name: "kind", onchange: change("kind") }, options("allKinds", Object.entries(KINDS).map(([k, text]) => [k, () => t(text)])))));
  for (const [name, value] of Object.entries(filters)) fields.querySelector(`[name=${name}]`).value = value;
  drawChips();
}

function set(name, value) {
  if (value) filters[name] = value;
  else delete filters[name];
  fields.querySelector(`[name=${name}]`).value = value;
  drawChips();
}

function drawChips() {
  const say = {
    since: (value) => t("chipSince", { date: showDate(value) }),
    until: (value) => t("chipUntil", { date: showDate(value) }),
    newsletter: (value) => value,
    kind: (value) => t(KINDS[value]),
  };
  chips.replaceChildren(...Object.entries(filters).map(([name, value]) => {
    const what = () => say[name](value);
    return h("button", { type: "button", class: "chip", "aria-label": () => t("remove", { what: what() }), onclick: () => set(name, "") }, () => foreign(what()), " ×");
  }));
}
