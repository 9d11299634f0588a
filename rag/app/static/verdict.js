// 👍 and 👎 under an answer; what readers say of it is kept on the server as a test case.
import { post } from "./client.js";
import { fill, h, icon, say } from "./dom.js";
import { explain } from "./reasons.js";
import { t } from "./texts.js";

const THUMB = "M7 11v9H4v-9zm0 0 4-7c1.4 0 2.3 1 2.1 2.4L12.6 10H18a2 2 0 0 1 2 2.4l-1.2 6A2 2 0 0 1 16.8 20H7";

export function drawVerdict(answer) {
  const place = h("span", { class: "verdict" });
  const send = async (values) => {
    const first = answer.citations[0];
    const verdict = { question: answer.question, query: answer.query, abstained: answer.abstained,
      short: first?.short, quote: first?.quote, source: first?.source, ...values };
    try {
      await post("feedback", verdict);
      fill(place, h("span", { class: "thanks" }, () => t("thanks")));
      say(t("thanks"));
    } catch (error) {
      fill(place, h("span", { class: "error", role: "alert" }, () => explain(error)));
    }
  };
  place.append(
    h("button", { type: "button", class: "quiet", "aria-label": () => t("good"), title: () => t("good"), onclick: () => send({ verdict: "up" }) }, icon(THUMB)),
    h("button", { type: "button", class: "quiet", "aria-label": () => t("bad"), title: () => t("bad"), onclick: () => askWhy(place, answer, send) }, icon(THUMB, "down")));
  return place;
}

function askWhy(place, answer, send) {
  const right = h("input", { type: "text", maxlength: "500", "aria-label": () => t("rightAnswer"), placeholder: () => t("rightAnswer") });
  const submit = (event) => { event.preventDefault(); send({ verdict: "down", right: right.value }); };
  fill(place, h("form", { class: "why", onsubmit: submit }, right,
    h("button", {}, () => t("send")),
    answer.abstained ? null
      : h("button", { type: "button", onclick: () => send({ verdict: "down", unanswerable: true }) }, () => t("unanswerable"))));
  right.focus();
}
