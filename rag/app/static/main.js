// The page: its parts brought together, the keyboard, the tabs, theme and language.
import { get } from "./client.js";
import { answers, ask, clearConversation, expectStreams } from "./conversation.js";
import { fill, foreign, h, icon, name, sayAnew } from "./dom.js";
import { placePanel } from "./evidence.js";
import { drawExplore } from "./explore.js";
import { expectFiles, watchDrops } from "./feed.js";
import { currentFilters, drawFilters } from "./filters.js";
import { downloadJson, downloadMarkdown } from "./keep.js";
import { closeIssue } from "./reader.js";
import { applyTexts, showDate, switchLanguage, t } from "./texts.js";

const byId = (id) => document.getElementById(id);
const question = byId("question");
let library = null;
let titles = [];
let busy = false;

async function submit(text) {
  if (!text.trim() || busy) return;
  busy = true;
  byId("send").disabled = true;
  question.value = "";
  grow();
  await ask(text.trim(), currentFilters());
  busy = false;
  byId("send").disabled = false;
}

function grow() {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight}px`;
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit(question.value);
});
question.addEventListener("input", grow);
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit(question.value);
  } else if (event.key === "ArrowUp" && !question.value && answers.length) {
    event.preventDefault();
    question.value = answers.at(-1).question;
    grow();
  }
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && closeIssue()) event.preventDefault();
});

const tabs = ["ask", "explore"];
function openTab(name, focus = false) {
  for (const other of tabs) {
    const tab = byId(`tab-${other}`);
    tab.setAttribute("aria-selected", String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
    byId(`view-${other}`).hidden = other !== name;
    if (focus && other === name) tab.focus();
  }
  closeIssue();
  document.body.dataset.tab = name;
  if (name === "explore" && library) drawExplore(library);
}
for (const name of tabs) {
  byId(`tab-${name}`).addEventListener("click", () => openTab(name));
  byId(`tab-${name}`).addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") openTab(tabs.find((other) => other !== name), true);
  });
}

byId("keep-markdown").addEventListener("click", () => downloadMarkdown(answers));
byId("keep-json").addEventListener("click", () => downloadJson(answers));
byId("restart").addEventListener("click", () => {
  clearConversation();
  byId("keep").hidden = true;
  question.focus();
});
document.addEventListener("rag:answered", () => { byId("keep").hidden = false; });
document.addEventListener("rag:fed", load);

const SHAPES = {
  Auto: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 0v18M12 6l5-1M12 10l8-2M12 14l9-2M12 18l8-2",
  Light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
  Dark: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
};
const themes = Object.keys(SHAPES);
let theme = localStorage.getItem("rag-theme") ?? "Auto";
function applyTheme() {
  document.documentElement.dataset.theme = theme;
  byId("theme").replaceChildren(icon(SHAPES[theme]));
  for (const attribute of ["title", "aria-label"]) name(byId("theme"), attribute, () => t(`theme${theme}`));
}
byId("theme").addEventListener("click", () => {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  localStorage.setItem("rag-theme", theme);
  applyTheme();
});
byId("language").addEventListener("click", () => {
  switchLanguage();
  applyTexts();
  sayAnew();
});
matchMedia("(min-width: 62rem)").addEventListener("change", placePanel);
watchDrops(() => openTab("explore"));

function drawWelcome() {
  const issues = library?.issues ?? [];
  const dates = issues.map((issue) => issue.date).filter(Boolean).sort();
  const lead = () => dates.length
    ? t("welcomeSub", { issues: issues.length, oldest: showDate(dates[0]), newest: showDate(dates.at(-1)) })
    : t("welcomeEmpty");
  const example = (title) => h("li", {},
    h("button", { type: "button", onclick: () => submit(t("example", { title })) }, () => foreign(t("example", { title }))));
  fill(byId("welcome"), h("h2", {}, () => t("welcome")), h("p", { class: "lead" }, lead),
    titles.length ? h("p", { class: "meta" }, () => t("examples")) : null,
    h("ul", { class: "examples" }, titles.map(example)));
}

function drawFrame() {
  applyTexts();
  applyTheme();
  name(question, "placeholder", () => t("placeholder"));
  fill(byId("language"), () => t("otherLanguageShort"));
  for (const attribute of ["title", "aria-label"]) name(byId("language"), attribute, () => t("otherLanguage"));
  name(byId("keep-markdown"), "aria-label", () => t("keepMarkdownLabel"));
  name(byId("keep-json"), "aria-label", () => t("keepJsonLabel"));
  name(document.querySelector(".tabs"), "aria-label", () => t("tabs"));
}

async function load() {
  [library, titles] = await Promise.all([get("issues"), get("suggestions")]);
  expectStreams(library.streams);
  expectFiles(library.upload);
  drawWelcome();
  drawFilters(library.issues);
  if (!byId("view-explore").hidden) drawExplore(library);
}

drawFrame();
drawWelcome();
drawFilters([]);
question.focus();
await load();
