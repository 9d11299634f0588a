// Taking answers away: copied, or downloaded as Markdown or JSON, citations intact.
import { fill, h, say } from "./dom.js";
import { language, showDate, t } from "./texts.js";

export async function copyAnswer(answer, button) {
  await write(toMarkdown(answer));
  fill(button, () => t("copied"));
  say(t("copied"));
}

/** Browsers keep their clipboard from pages that came over plain HTTP from another machine. */
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = h("textarea", { "aria-hidden": "true", class: "hidden" });
  field.value = text;
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  focused?.focus();
}

export function downloadMarkdown(answers) {
  const title = `# ${t("generatedOn", { date: showDate(new Date().toISOString()) })}`;
  save([title, ...answers.map((a) => `## ${escape(a.question)}\n\n${toMarkdown(a)}`)].join("\n\n") + "\n", "md", "text/markdown");
}

export function downloadJson(answers) {
  const turns = answers.map(({ complete, ...answer }) => answer);
  save(JSON.stringify({ language: language(), turns }, null, 2) + "\n", "json", "application/json");
}

/** An answer as Markdown: its text, then each citation with its place. Issue text stays plain text. */
export function toMarkdown(answer) {
  const place = (c) => [c.article, c.issue, c.newsletter].filter((part, i, all) => part && all.indexOf(part) === i)
    .map(escape).concat(showDate(c.date), `\`${c.source.replaceAll("`", "'")}:${c.start}-${c.end}\``).join(" · ");
  const citations = answer.citations.map((c) => `[${c.number}] « ${escape(c.quote)} » — ${place(c)}`);
  return [escape(answer.text), ...citations].join("\n\n");
}

function escape(text) {
  return text.replace(/[\\`*_{}<>#|!]|\[(?!\d+\])|\]\(/g, (found) => found.replace(/./g, "\\$&"));
}

function save(text, extension, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = h("a", { href: url, download: `conversation.${extension}` });
  link.click();
  URL.revokeObjectURL(url);
}
