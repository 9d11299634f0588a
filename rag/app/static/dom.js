// Elements built from parts. Text only ever becomes text nodes: there is no HTML to parse anywhere.

// Control characters and those that reorder or hide text; an issue could disguise itself with them.
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const SPLIT = new RegExp(`(${INVISIBLE.source})`, "u");

const SPOKEN = Symbol("what is said anew in another language");

/**
 * h("p", {class: "x", onclick: f}, "text", element, [more]) → element. A function as a child or as
 * an attribute gives words of the interface; `sayAnew` calls it again.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (typeof value === "function") name(element, key, value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  return append(element, children);
}

/** Put `children`, as for `h`, in the place of what `element` holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  spokenBy(element).children = [];
  return append(element, children);
}

/** Set an attribute to what the function `words` says, in the language of the moment. */
export function name(element, attribute, words) {
  const speak = () => element.setAttribute(attribute, words());
  spokenBy(element).attributes[attribute] = speak;
  speak();
}

function spokenBy(element) {
  element[SPOKEN] ??= { attributes: {}, children: [] };
  return element[SPOKEN];
}

function append(element, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined) continue;
    if (typeof child !== "function") {
      element.append(child);
      continue;
    }
    let shown = [];
    const speak = () => {
      const nodes = [child()].flat().map((part) => typeof part === "string" ? new Text(part) : part);
      if (shown.length) shown[0].before(...nodes);
      else element.append(...nodes);
      for (const node of shown) node.remove();
      shown = nodes;
    };
    spokenBy(element).children.push(speak);
    speak();
  }
  return element;
}

/** Say everything on the page in the language now chosen. */
export function sayAnew() {
  say("");
  for (const element of document.querySelectorAll("*")) {
    if (!element[SPOKEN]) continue;
    const { attributes, children } = element[SPOKEN];
    for (const speak of [...Object.values(attributes), ...children]) speak();
  }
}

/** Text of an issue or a person: set apart from the text around it, its invisible characters shown. */
export function foreign(text) {
  return h("bdi", {}, visible(text));
}

/** The nodes of `text` with its invisible characters spelled out. */
export function visible(text) {
  if (!INVISIBLE.test(text)) return [text];
  return text.split(SPLIT).filter(Boolean).map((part) =>
    INVISIBLE.test(part) ? h("span", { class: "control" }, `U+${part.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`) : part);
}

/** Offsets of the server count characters, JavaScript counts UTF-16 units: cut by characters. */
export function cut(text, start, end) {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text).slice(start, end).join("") : text.slice(start, end);
}

/** `text` with the ranges of `marks` ({start, end, tag}, outermost first, nested, sorted) as elements. */
function markRanges(text, marks) {
  const characters = /[\ud800-\udfff]/.test(text) ? Array.from(text) : null;
  const piece = (a, b) => visible(characters ? characters.slice(a, b).join("") : text.slice(a, b));
  const build = (from, to, inside) => {
    const nodes = [];
    let at = from;
    for (let i = 0; i < inside.length; ) {
      const mark = inside[i];
      const start = Math.max(mark.start, at);
      const end = Math.min(mark.end, to);
      i += 1;
      if (end <= start) continue;
      const nested = [];
      while (i < inside.length && inside[i].start < end) nested.push(inside[i++]);
      nodes.push(...piece(at, start), h(mark.tag, {}, build(start, end, nested)));
      at = end;
    }
    return [...nodes, ...piece(at, to)];
  };
  return build(0, characters ? characters.length : text.length, marks);
}

/** The lines of `text`, which starts at `offset`, as paragraphs; `marks` as in markRanges, by offset. */
export function drawLines(text, offset, marks) {
  let at = offset;
  return text.split("\n").map((line) => {
    const start = at;
    const length = /[\ud800-\udfff]/.test(line) ? Array.from(line).length : line.length;
    at += length + 1;
    if (!line.trim()) return null;
    const here = marks.filter((mark) => mark.start < start + length && mark.end > start)
      .map(({ tag, start: a, end: b }) => ({ tag, start: Math.max(0, a - start), end: Math.min(length, b - start) }));
    const item = /^\s*[•▪·‣–-]\s/.test(line);
    return h("p", { class: item ? "item" : null }, h("bdi", {}, markRanges(line, here)));
  });
}

/** A line drawing from an SVG path on a 24 × 24 grid. */
export function icon(path, name) {
  const [svg, line] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${name ?? ""}`);
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export function say(text) {
  document.getElementById("status").textContent = text;
}
