// A whole issue, opened in the panel at the place of a quote, with the quote marked.
import { get } from "./client.js";
import { drawLines, fill, foreign, h, name } from "./dom.js";
import { panel, placePanel, redrawEvidence } from "./evidence.js";
import { explain } from "./reasons.js";
import { showDate, t } from "./texts.js";

let leave = null;

/** Open the issue `source` at `place` ({start, end, highlights}: offsets into its text, or null). */
export async function openIssue(source, place) {
  const cameFrom = document.activeElement;
  const wasHidden = panel.hidden;
  let issue = null;
  let failure = null;
  try {
    issue = await get("issue", { source, at: place?.start ?? 0 });
  } catch (error) {
    failure = error;
  }
  const card = cameFrom?.closest?.("[data-card]")?.dataset.card;
  leave = () => {
    leave = null;
    panel.classList.remove("reading");
    panel.hidden = wasHidden;
    placePanel();
    redrawEvidence();
    const home = cameFrom?.isConnected ? cameFrom
      : (card && panel.querySelector(`[data-card="${card}"] button`)) ?? panel.querySelector(".card button");
    (home ?? document.getElementById("question")).focus();
  };
  panel.hidden = false;
  panel.classList.add("reading");
  placePanel();
  const bar = h("div", { class: "bar" },
    h("button", { type: "button", class: "quiet", onclick: leave }, () => `← ${t(wasHidden ? "close" : "back")}`));
  if (failure) {
    name(panel, "aria-label", () => explain(failure));
    fill(panel, bar, h("p", { class: "error", role: "alert" }, () => explain(failure)));
    bar.firstChild.focus();
    return;
  }
  const spans = place ? [{ ...place, tag: "mark" }, ...place.highlights.map((span) => ({ ...span, tag: "strong" }))] : [];
  name(panel, "aria-label", () => issue.title);
  fill(panel, bar,
    h("h2", { class: "issue-title" }, foreign(issue.title)),
    h("p", { class: "byline" }, issue.newsletter ? [foreign(issue.newsletter), " · "] : null,
      h("time", { datetime: issue.date }, () => showDate(issue.date))),
    issue.whole ? null : h("p", { class: "note" }, () => t("excerpt")),
    h("div", { class: "text" }, raiseHeadlines(drawLines(issue.text, issue.offset, spans), issue.headlines)));
  const spot = panel.querySelector("mark") ?? panel.querySelector(".issue-title");
  spot.setAttribute("tabindex", "-1");
  spot.focus({ preventScroll: true });
  if (spot.tagName === "MARK") spot.scrollIntoView({ block: "center" });
}

function raiseHeadlines(lines, headlines) {
  const titles = new Set(headlines);
  for (const line of lines) {
    if (!titles.has(line?.textContent.trim())) continue;
    line.classList.add("headline");
    line.setAttribute("role", "heading");
    line.setAttribute("aria-level", "3");
  }
  return lines;
}

/** Go back from an open issue to where it was opened; false if none is open. */
export function closeIssue() {
  if (!leave) return false;
  leave();
  return true;
}
