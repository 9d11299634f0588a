// Adding issues: chosen or dropped files are sent one by one, then the index takes them in.
import { readLines, request } from "./client.js";
import { fill, foreign, h, say } from "./dom.js";
import { Problem, explain, translate } from "./reasons.js";
import { t } from "./texts.js";

let limits = null;
let report = null;

/** Take files from now on, within the server's `upload` limits; null takes none. */
export function expectFiles(upload) {
  limits = upload;
}

export function drawFeed(upload) {
  report = h("div", { class: "report", "aria-live": "polite" });
  const input = h("input", { type: "file", multiple: true, accept: upload.types.join(","), id: "files", class: "hidden", onchange: () => feed([...input.files]) });
  return h("section", { class: "feed" }, h("h2", {}, () => t("feed")),
    h("p", {}, () => t("feedHint", { types: upload.types.join(" "), size: Math.round(upload.max_bytes / 1e6) })),
    h("label", { class: "choose" }, input, h("span", {}, () => t("feedChoose"))), report);
}

/** Files dropped anywhere on the page; `open` brings the report into view. */
export function watchDrops(open) {
  const carries = (event) => limits && event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    document.body.dataset.drop = t("drop");
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) delete document.body.dataset.drop; });
  addEventListener("drop", (event) => {
    delete document.body.dataset.drop;
    if (!carries(event)) return;
    event.preventDefault();
    open();
    feed([...event.dataTransfer.files]);
  });
}

async function feed(files) {
  if (!files.length) return;
  if (files.length > limits.max_files) {
    fill(report, h("p", { class: "error", role: "alert" }, () => t("tooMany", { n: files.length, max: limits.max_files })));
    return;
  }
  const rows = files.map((file) => ({ file, row: h("li", {}, foreign(file.name), " ", h("span", { class: "meta" })) }));
  const progress = h("p", { class: "meta" });
  report.replaceChildren(h("ul", {}, rows.map(({ row }) => row)), progress);
  let stored = 0;
  for (const { file, row } of rows) {
    fill(row.lastChild, () => t("sending"));
    try {
      checkFile(file);
      await request(`uploads/${encodeURIComponent(file.name.split("/").pop())}`, { method: "PUT", body: file });
      fill(row.lastChild, () => t("stored"));
      stored += 1;
    } catch (error) {
      fill(row.lastChild, () => explain(error));
      row.classList.add("error");
    }
  }
  if (stored) await update(progress);
}

function checkFile({ name, size }) {
  if (!limits.types.some((type) => name.toLowerCase().endsWith(type))) throw new Problem("wrongType", { types: limits.types.join(" ") });
  if (size > limits.max_bytes) throw new Problem("tooLarge", { size: Math.round(limits.max_bytes / 1e6) });
}

async function update(progress) {
  try {
    const response = await request("update", { method: "POST" });
    for await (const line of readLines(response.body)) {
      const step = JSON.parse(line);
      if (step.error) throw new Error(step.error);
      if (step.report) showReport(step.report, progress);
      else fill(progress, () => t("indexing", { n: step.passages }));
    }
    document.dispatchEvent(new CustomEvent("rag:fed"));
  } catch (error) {
    fill(progress, h("span", { class: "error", role: "alert" }, () => explain(error)));
  }
}

function showReport({ added, changed, skipped }, progress) {
  const list = (title, lines) => lines.length ? [h("p", {}, () => t(title, { n: lines.length })), h("ul", {}, lines)] : [];
  const line = (source) => h("li", {}, foreign(source));
  progress.replaceWith(h("div", { class: "done" }, h("p", {}, () => t("ready")),
    list("added", added.map(line)), list("changed", changed.map(line)),
    list("skippedFiles", skipped.map(({ source, reason }) => h("li", {}, foreign(source), " — ", () => foreign(translate(reason)))))));
  say(t("ready"));
}
