// One message as a bubble: text, media, places, cards, buttons, lists and templates.

import { h, icon, rich, plain, ticks, sheet, toast } from "./dom.js";
import { t, locale } from "./i18n.js";
import { played } from "./store.js";
import { sendLocation } from "./attach.js";

const fileURL = (f) => `/phone/media/${encodeURIComponent(f.id)}`;

function size(bytes) {
  if (!bytes) return "";
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// preview says in a line what a message holds.
export const preview = (m) => plain(summary(m));

function summary(m) {
  const c = m.content ?? {};
  switch (m.type) {
    case "text": return c.body ?? "";
    case "image": return c.caption || t("image");
    case "video": return c.caption || t("video");
    case "audio": return c.voice ? t("voice") : t("audio");
    case "document": return c.filename || t("document");
    case "sticker": return t("sticker");
    case "location": return c.name || t("location");
    case "contacts": return c[0]?.name?.formatted_name ?? t("contactCard");
    case "interactive": return c.body?.text ?? c.button_reply?.title ?? c.list_reply?.title ?? c.type;
    case "button": return c.text ?? "";
    case "template": return m.template?.body ?? "";
    default: return t("unsupported", m.type);
  }
}

// bubble draws a message of a chat.
export function bubble(m, chat) {
  const inside = [];
  const quoted = chat.message(m.quote);
  if (m.quote) {
    inside.push(h("blockquote", {}, h("strong", {}, quoted?.mine ? t("you") : chat.business.name), h("span", {}, quoted ? preview(quoted) : "…")));
  }
  inside.push(...content(m, chat));
  const time = h("time", { class: "at", datetime: m.at }, new Date(m.at).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" }));
  const foot = h("div", { class: "foot" }, time, m.mine && ticks(m.status, t(m.status)));
  const opts = h("button", { type: "button", class: "opts", "aria-label": t("messageOptions"), "aria-haspopup": "menu", onclick: (e) => chat.options(m, e.currentTarget) }, icon("more"));
  const reactions = [m.reactions?.mine, m.reactions?.theirs].filter(Boolean);
  const el = h("article", { class: `msg ${m.mine ? "mine" : "theirs"} ${m.type}`, "data-id": m.id },
    h("div", { class: "bubble" }, ...inside, foot, opts),
    reactions.length > 0 && h("button", { type: "button", class: "reactions", "aria-label": m.reactions.mine ? t("unreact") : reactions.join(" "), onclick: () => m.reactions.mine && chat.react(m, m.reactions.mine) }, reactions.join("")),
    ...actions(m, chat));
  swipe(el, () => chat.setQuote(m));
  return el;
}

function content(m, chat) {
  const c = m.content ?? {}, file = m.media?.[0];
  switch (m.type) {
    case "text": return [h("p", { class: "text" }, ...rich(c.body))];
    case "image": case "video": case "sticker":
      return [media(m.type, file, c.link, c.caption), c.caption && h("p", { class: "text" }, ...rich(c.caption))];
    case "audio": return [sound(m, chat, file, c)];
    case "document":
      return [documentCard(file, c), c.caption && h("p", { class: "text" }, ...rich(c.caption))];
    case "location": return [place(c)];
    case "contacts": return (Array.isArray(c) ? c : []).map(card);
    case "interactive": return interactive(m, chat);
    case "button": return [h("p", { class: "text" }, c.text)];
    case "template": return template(m);
    default: return [h("p", { class: "text odd" }, t("unsupported", m.type))];
  }
}

function media(kind, file, link, caption) {
  if (!file?.id) return link ? h("a", { class: "file", href: link, target: "_blank", rel: "noreferrer noopener" }, icon("link"), t("openMedia")) : h("p", { class: "text odd" }, t("openMedia"));
  if (kind === "video") return h("video", { class: "media", src: fileURL(file), controls: true, preload: "metadata", "aria-label": caption || t("video") });
  const img = h("img", { class: kind, src: fileURL(file), alt: caption || t(kind) });
  img.addEventListener("load", () => {
    const log = img.closest(".log");
    if (log && log.scrollHeight - log.scrollTop - log.clientHeight < img.offsetHeight + 160) log.scrollTop = log.scrollHeight;
  });
  return h("a", { href: fileURL(file), target: "_blank", class: "media-link", "aria-label": t("openMedia") }, img);
}

function sound(m, chat, file, c) {
  if (!file?.id) return media("audio", file, c.link);
  const label = c.voice ? t("voice") : t("audio");
  return h("div", { class: "sound" }, c.voice && h("span", { class: "voice-mark", "aria-hidden": "true" }, icon("mic")),
    h("audio", { src: fileURL(file), controls: true, preload: "metadata", "aria-label": label, onplay: () => { if (!m.mine && c.voice) played(chat.phone.id, chat.number, m.id); } }));
}

function documentCard(file, c) {
  const name = c.filename || file?.filename || t("document");
  const inner = [icon("file"), h("span", {}, h("strong", {}, name), h("small", {}, [file?.mime_type?.split("/")[1]?.toUpperCase().slice(0, 12), size(file?.size)].filter(Boolean).join(" · ")))];
  const href = file?.id ? fileURL(file) : c.link;
  return href ? h("a", { class: "file", href, download: name, "aria-label": t("download", name), target: "_blank", rel: "noreferrer noopener" }, ...inner) : h("div", { class: "file" }, ...inner);
}

function place(c) {
  const at = `${c.latitude},${c.longitude}`;
  return h("div", { class: "place" }, h("div", { class: "map", "aria-hidden": "true" }, icon("pin")),
    c.name && h("strong", {}, c.name), c.address && h("span", {}, c.address), h("small", {}, at),
    h("a", { href: `https://www.openstreetmap.org/?mlat=${c.latitude}&mlon=${c.longitude}#map=16/${c.latitude}/${c.longitude}`, target: "_blank", rel: "noreferrer noopener" }, t("openMap")));
}

function card(c) {
  return h("div", { class: "card" }, icon("person"), h("span", {}, h("strong", {}, c.name?.formatted_name ?? ""), ...(c.phones ?? []).map((p) => h("small", {}, p.phone))));
}

function header(hd, file) {
  if (!hd) return null;
  if (hd.type === "text") return h("p", { class: "head" }, hd.text);
  if (hd.type === "location") return place(hd.location ?? {});
  const obj = hd[hd.type] ?? {};
  return hd.type === "document" ? documentCard(file, obj) : media(hd.type, file, obj.link);
}

function interactive(m) {
  const c = m.content;
  if (m.mine) {
    const r = c.button_reply ?? c.list_reply;
    if (r) return [h("p", { class: "text" }, r.title), r.description && h("p", { class: "sub" }, r.description)];
    return [h("p", { class: "text" }, c.nfm_reply?.body ?? (c.call_permission_reply ? t(c.call_permission_reply.response === "accept" ? "allowCalls" : "denyCalls") : c.type))];
  }
  const out = [header(c.header, m.media?.[0]), c.body?.text && h("p", { class: "text" }, ...rich(c.body.text))];
  if (c.type === "carousel") {
    out.push(h("div", { class: "cards", tabindex: "0" }, c.action.cards.map((x, i) => h("div", { class: "item" },
      header(x.header, m.media?.[i]), x.body && h("p", { class: "text" }, ...rich(x.body.text)),
      h("a", { href: x.action.parameters.url, target: "_blank", rel: "noreferrer noopener" }, x.action.parameters.display_text)))));
  }
  out.push(c.footer?.text && h("p", { class: "sub" }, c.footer.text));
  return out;
}

function template(m) {
  const r = m.template ?? {};
  return [header(r.header, m.media?.[0]), h("p", { class: "text" }, ...rich(r.body)), r.footer && h("p", { class: "sub" }, r.footer)];
}

const link = (text, href, name = "link") => h("a", { class: "act", href, target: "_blank", rel: "noreferrer noopener" }, icon(name), text);

// actions are the buttons under a message of a business.
function actions(m, chat) {
  if (m.mine) return [];
  const tap = (label, name, act, chosen) => h("button", { type: "button", class: chosen ? "act chosen" : "act", onclick: act }, chosen ? icon("check") : name && icon(name), label);
  const answer = (type, content, chosen) => chat.send({ type, content, answers: m.id, chosen });
  if (m.type === "template") {
    return (m.template?.buttons ?? []).map((b) => {
      if (b.type === "quick_reply") return tap(b.text, "reply", () => answer("button", { payload: b.payload, text: b.text }, b.payload), m.chosen === b.payload);
      if (b.type === "url") return link(b.text, b.url);
      if (b.type === "phone_number") return link(b.text, `tel:${b.phone}`, "phone");
      return tap(b.text || t("copyCode"), "copy", async () => {
        await navigator.clipboard?.writeText(b.code ?? "").catch(() => {});
        toast(t("copied"));
      });
    });
  }
  if (m.type !== "interactive") return [];
  const c = m.content, a = c.action ?? {};
  switch (c.type) {
    case "button":
      return a.buttons.map((b) => tap(b.reply.title, "reply", () => answer("interactive", { type: "button_reply", button_reply: b.reply }, b.reply.id), m.chosen === b.reply.id));
    case "list":
      return [tap(a.button, "list", () => listSheet(m, chat, answer))];
    case "cta_url":
      return [link(a.parameters.display_text, a.parameters.url)];
    case "location_request_message":
      return [tap(t("sendLocation"), "pin", () => sendLocation(chat, m.id))];
    case "request_contact_info":
      return [tap(t("shareContact"), "person", () => {
        const number = chat.phone.phone;
        chat.send({ type: "contacts", contacts: [{ origin: "contact_request", phones: [{ phone: `+${number}`, wa_id: number }] }], answers: m.id, chosen: "contact" });
      }, m.chosen === "contact")];
    case "flow":
      return [tap(a.parameters?.flow_cta ?? t("openForm"), "file", () => formSheet(m, chat, answer), m.chosen === "flow")];
    case "call_permission_request":
      return [["accept", "allowCalls"], ["reject", "denyCalls"]].map(([response, label]) => tap(t(label), "phone", () =>
        answer("interactive", { type: "call_permission_reply", call_permission_reply: { response, is_permanent: false, response_source: "user_action" } }, response), m.chosen === response));
    default:
      return [];
  }
}

function listSheet(m, chat, answer) {
  const close = sheet(chat.view.el, m.content.action.button, t("close"), m.content.action.sections.map((s) => h("section", { class: "rows" },
    s.title && h("h3", {}, s.title), s.rows.map((r) => h("button", {
      type: "button", "aria-label": r.title, class: m.chosen === r.id ? "chosen" : "",
      onclick: () => {
        close();
        answer("interactive", { type: "list_reply", list_reply: { id: r.id, title: r.title, ...(r.description && { description: r.description }) } }, r.id);
      },
    }, h("strong", {}, r.title), r.description && h("small", {}, r.description))))));
}

function formSheet(m, chat, answer) {
  const p = m.content.action.parameters;
  const text = h("textarea", { rows: "6", "aria-label": t("formAnswer") }, JSON.stringify({ flow_token: p.flow_token ?? "" }, null, 2));
  const close = sheet(chat.view.el, p.flow_cta ?? t("openForm"), t("close"), h("label", {}, t("formAnswer"), text),
    h("button", {
      type: "button", class: "primary", onclick: () => {
        try { JSON.parse(text.value); } catch (e) { toast(e.message); return; }
        close();
        answer("interactive", { type: "nfm_reply", nfm_reply: { name: "flow", body: "Sent", response_json: text.value } }, "flow");
      },
    }, t("send")));
}

// swipe calls act when a bubble is drawn to the right with a finger.
function swipe(el, act) {
  let start;
  el.addEventListener("pointerdown", (e) => { if (e.pointerType === "touch") start = { x: e.clientX, y: e.clientY }; });
  el.addEventListener("pointermove", (e) => {
    if (!start) return;
    const dx = e.clientX - start.x;
    if (Math.abs(e.clientY - start.y) > 30) { start = undefined; el.style.translate = ""; return; }
    el.style.translate = `${Math.max(0, Math.min(dx, 70))}px`;
  });
  const end = (e) => {
    if (start && e.clientX - start.x > 55) act();
    start = undefined;
    el.style.translate = "";
  };
  el.addEventListener("pointerup", end);
  el.addEventListener("pointercancel", () => { start = undefined; el.style.translate = ""; });
}
