// Building the page: small functions around the DOM, no framework.

// h makes an element: h("button", {class: "x", onclick: f, "aria-label": "…"}, child, …).
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (key === "class") el.className = value;
    else if (key in el && typeof value !== "string") el[key] = value;
    else el.setAttribute(key, value === true ? "" : value);
  }
  el.append(...children.flat().filter((c) => c !== undefined && c !== null && c !== false));
  return el;
}

const paths = {
  back: "M15 5l-7 7 7 7",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  send: "M4 12l16-8-6 16-3-7z",
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
  attach: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.2a1.6 1.6 0 0 1-2.3-2.3L14.5 7",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M19 5l-1.5 1.5M6.5 17.5L5 19",
  moon: "M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  wifi: "M2.5 9a14 14 0 0 1 19 0M5.5 12.5a9.5 9.5 0 0 1 13 0M8.5 16a5 5 0 0 1 7 0M12 19.5v.01",
  nowifi: "M3 3l18 18M8.5 16a5 5 0 0 1 6.6-.3M5.5 12.5a9.5 9.5 0 0 1 4-2.4M12 19.5v.01M2.5 9A14 14 0 0 1 7 6.2M11 5a14 14 0 0 1 10.5 4",
  list: "M4 7h.01M8 7h12M4 12h.01M8 12h12M4 17h.01M8 17h12",
  reply: "M10 8V4L3 11l7 7v-4c5 0 8 1.5 10.5 5-1-6-4-10-10.5-11z",
  link: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  phone: "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  pin: "M12 21s7-6.3 7-11.5a7 7 0 0 0-14 0C5 14.7 12 21 12 21zM12 7.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M9 9v.01",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  smile: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8.5 14.5a4.2 4.2 0 0 0 7 0M9 9.5v.01M15 9.5v.01",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20a7.5 7.5 0 0 1 15 0",
  check: "M5 12.5l4.5 4.5L19 7.5",
  sticker: "M5 4h14v10l-6 6H5zM13 20v-6h6",
};

const svg = "http://www.w3.org/2000/svg";

// icon draws one of the line icons; it is decoration, the label is on the control.
export function icon(name) {
  const el = document.createElementNS(svg, "svg");
  el.setAttribute("viewBox", "0 0 24 24");
  el.setAttribute("class", "icon");
  el.setAttribute("aria-hidden", "true");
  const p = document.createElementNS(svg, "path");
  p.setAttribute("d", paths[name]);
  el.append(p);
  return el;
}

// ticks shows how far a message of the person has come.
export function ticks(status, label) {
  const el = document.createElementNS(svg, "svg");
  el.setAttribute("viewBox", "0 0 20 12");
  el.setAttribute("class", `ticks ${status}`);
  el.setAttribute("role", "img");
  el.setAttribute("aria-label", label);
  const d = {
    queued: "M10 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10 3.5V6l1.8 1",
    sent: "M5 6.5l3 3 6-7",
    delivered: "M2 6.5l3 3 6-7M8.5 8.2l1.3 1.3 6-7",
    read: "M2 6.5l3 3 6-7M8.5 8.2l1.3 1.3 6-7",
  }[status];
  const p = document.createElementNS(svg, "path");
  p.setAttribute("d", d);
  el.append(p);
  return el;
}

const colours = ["#0e7490", "#9a3412", "#6d28d9", "#15803d", "#b45309", "#be185d", "#1d4ed8", "#4d7c0f"];

export function avatar(name, extra = "") {
  let sum = 0;
  for (const c of name) sum = (sum * 31 + c.codePointAt(0)) >>> 0;
  const initials = name.split(/\s+/).filter(Boolean).slice(0, 2).map((w) => [...w][0].toUpperCase()).join("");
  const el = h("span", { class: `avatar ${extra}`, "aria-hidden": "true" }, initials);
  el.style.setProperty("--tint", colours[sum % colours.length]);
  return el;
}

const markup = /(```[\s\S]+?```|`[^`\n]+`|\*[^\s*](?:[^*\n]*[^\s*])?\*|_[^\s_](?:[^_\n]*[^\s_])?_|~[^\s~](?:[^~\n]*[^\s~])?~|https?:\/\/[^\s<>"]+)/g;

// rich turns a chat text into nodes: *bold*, _italic_, ~struck~, `code` and addresses.
export function rich(text) {
  const out = [];
  for (const part of String(text ?? "").split(markup)) {
    if (!part) continue;
    const inner = part.slice(1, -1);
    if (part.startsWith("```") && part.length > 6) out.push(h("code", {}, part.slice(3, -3)));
    else if (/^`[^`]+`$/.test(part)) out.push(h("code", {}, inner));
    else if (/^\*[^*]+\*$/.test(part)) out.push(h("strong", {}, ...rich(inner)));
    else if (/^_[^_]+_$/.test(part)) out.push(h("em", {}, ...rich(inner)));
    else if (/^~[^~]+~$/.test(part)) out.push(h("s", {}, ...rich(inner)));
    else if (/^https?:\/\//.test(part)) out.push(h("a", { href: part, target: "_blank", rel: "noreferrer noopener" }, part));
    else out.push(document.createTextNode(part));
  }
  return out;
}

// plain is rich without the marks, for a line of preview.
export const plain = (text) => String(text ?? "").replace(/[*_~`]+([^*_~`\n]+)[*_~`]+/g, "$1");

let openMenu;

// menu opens a list of choices next to a button: [{label, icon, act, checked}].
export function menu(button, label, items, extra) {
  const again = openMenu?.button === button;
  openMenu?.close();
  if (again) return;
  const close = (refocus) => {
    list.remove();
    document.removeEventListener("pointerdown", outside, true);
    button.setAttribute("aria-expanded", "false");
    openMenu = undefined;
    if (refocus === true) button.focus();
  };
  const outside = (e) => { if (!list.contains(e.target) && !button.contains(e.target)) close(); };
  const keys = (e) => {
    const all = [...list.querySelectorAll("button")];
    const at = all.indexOf(document.activeElement);
    if (e.key === "Escape") { e.stopPropagation(); close(true); }
    else if (e.key === "ArrowDown" || e.key === "ArrowRight") all[(at + 1) % all.length].focus();
    else if (e.key === "ArrowUp" || e.key === "ArrowLeft") all[(at - 1 + all.length) % all.length].focus();
    else if (e.key === "Tab") { close(); return; }
    else return;
    e.preventDefault();
  };
  const list = h("div", { class: "menu", role: "menu", "aria-label": label, onkeydown: keys }, extra?.(close),
    items.filter(Boolean).map((it) => h("button", {
      type: "button", role: it.checked === undefined ? "menuitem" : "menuitemcheckbox",
      "aria-checked": it.checked === undefined ? undefined : String(it.checked), class: it.danger ? "danger" : "",
      onclick: () => { close(true); it.act(); },
    }, icon(it.icon ?? "check"), it.label)));
  if (items.some((it) => it && it.checked === false)) list.classList.add("checks");
  const host = button.closest(".phone") ?? document.body;
  host.append(list);
  const b = button.getBoundingClientRect(), f = host.getBoundingClientRect(), l = list.getBoundingClientRect();
  const x = f.left + host.clientLeft, y = f.top + host.clientTop;
  const left = Math.max(8, Math.min(b.left - x, host.clientWidth - l.width - 8));
  const below = b.bottom - y + 4;
  const top = below + l.height > host.clientHeight - 8 ? Math.max(8, b.top - y - l.height - 4) : below;
  list.style.left = `${left}px`;
  list.style.top = `${top}px`;
  button.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  openMenu = { button, close };
  list.querySelector("button")?.focus();
}

// sheet opens a dialog; inside a phone it covers that phone only.
export function sheet(host, title, closeLabel, ...content) {
  const before = document.activeElement;
  const close = () => { veil.remove(); before?.focus?.(); };
  const box = h("div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": title },
    h("header", {}, h("h2", {}, title), h("button", { type: "button", class: "round", "aria-label": closeLabel, onclick: close }, icon("close"))),
    h("div", { class: "sheet-body" }, ...content));
  const veil = h("div", {
    class: "veil",
    onpointerdown: (e) => { if (e.target === veil) close(); },
    onkeydown: (e) => {
      if (e.key === "Escape") { e.stopPropagation(); close(); }
      if (e.key !== "Tab") return;
      const all = [...box.querySelectorAll("button, a[href], input, select, textarea")].filter((x) => !x.disabled && x.offsetParent);
      const first = all[0], last = all.at(-1);
      if (e.shiftKey && document.activeElement === first) { last.focus(); e.preventDefault(); }
      else if (!e.shiftKey && document.activeElement === last) { first.focus(); e.preventDefault(); }
    },
  }, box);
  host.append(veil);
  (box.querySelector(".sheet-body input, .sheet-body select, .sheet-body textarea, .sheet-body button") ?? box.querySelector("button")).focus();
  return close;
}

let toastTimer;

// toast says something once, for eyes and for screen readers.
export function toast(text) {
  let el = document.getElementById("toast");
  if (!el) {
    el = h("div", { id: "toast", role: "status" });
    document.body.append(el);
  }
  el.textContent = text;
  el.classList.add("on");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => el.classList.remove("on"), 4000);
}
