// One phone: its frame, its list of chats, and the chat that is open.

import { h, icon, avatar, menu } from "./dom.js";
import { t, locale } from "./i18n.js";
import { store, chatOf, openChat, changePhone, clearChat, marketing, removePhone } from "./store.js";
import { ChatView } from "./chat.js";
import { preview } from "./bubble.js";
import { changeNumber, conditions } from "./panels.js";

export function numberText(digits) {
  const br = /^55(\d\d)(9?\d{4})(\d{4})$/.exec(digits);
  return br ? `+55 ${br[1]} ${br[2]}-${br[3]}` : `+${digits}`;
}

export class PhoneView {
  constructor(phone) {
    this.phone = phone;
    this.key = `chat:${phone.id}`;
    this.screen = h("div", { class: "screen" });
    this.strip = h("div", { class: "strip" });
    this.el = h("section", { class: "phone", "aria-label": t("phoneOf", phone.name) }, this.strip, this.screen);
    this.drawStrip();
    const stored = localStorage.getItem(this.key);
    const only = store.businesses.length === 1 ? store.businesses[0].number : "";
    const number = stored || only;
    if (number && store.businesses.some((b) => b.number === number)) this.enter(number, false);
    else this.list();
  }

  drawStrip() {
    const p = this.phone;
    const id = p.hide_phone ? `@${p.username}` : numberText(p.phone ?? "");
    this.strip.replaceChildren(
      avatar(p.name, "small"),
      h("div", { class: "who" }, h("strong", {}, p.name), h("span", {}, id)),
      h("button", { type: "button", class: `net ${p.online ? "on" : "off"}`, "aria-pressed": String(!p.online), "aria-label": p.online ? t("goOffline") : t("goOnline"), title: p.online ? t("online") : t("offline"), onclick: () => changePhone(p.id, { online: !p.online }) }, icon(p.online ? "wifi" : "nowifi")),
      h("button", { type: "button", class: "round", "aria-label": t("phoneOptions"), "aria-haspopup": "menu", onclick: (e) => this.options(e.currentTarget) }, icon("more")));
    this.el.classList.toggle("offline", !p.online);
  }

  options(button) {
    const p = this.phone, number = this.chat?.number;
    const opted = number && chatOf(p, number).opted_out;
    menu(button, t("phoneOptions"), [
      { label: t("autoRead"), checked: p.auto_read, icon: "check", act: () => changePhone(p.id, { auto_read: !p.auto_read }) },
      number && !p.auto_read && { label: t("markRead"), icon: "check", act: () => openChat(p.id, number, true) },
      number && { label: opted ? t("resumePromos") : t("stopPromos"), icon: "close", act: () => marketing(p.id, number, !opted) },
      { label: t("failNext"), icon: "bolt", act: () => conditions(document.body, p.id) },
      { label: t("changeNumber"), icon: "phone", act: () => changeNumber(this.el, p) },
      number && { label: t("clearChat"), icon: "trash", act: () => clearChat(p.id, number) },
      { label: t("removePhone"), icon: "trash", danger: true, act: () => removePhone(p.id) },
    ]);
  }

  list() {
    this.chat?.stop();
    this.chat = undefined;
    localStorage.setItem(this.key, "");
    const rows = store.businesses.map((b) => {
      const c = chatOf(this.phone, b.number);
      const shown = c.messages.filter((m) => m.type !== "reaction");
      const last = shown.at(-1);
      const unread = shown.filter((m) => !m.mine && !m.read).length;
      return h("li", {}, h("button", { type: "button", onclick: () => this.enter(b.number, true) },
        avatar(b.name),
        h("span", { class: "row" },
          h("span", { class: "line" }, h("strong", {}, b.name), last && h("time", {}, new Date(last.at).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" }))),
          h("span", { class: "line" }, h("span", { class: "last" }, c.typing_ms > 0 ? t("typing") : last ? (last.mine ? `${t("you")}: ` : "") + preview(last) : t("noMessages")),
            unread > 0 && h("span", { class: "badge", "aria-label": t("unread", unread) }, String(unread))))));
    });
    this.screen.replaceChildren(
      h("header", { class: "chat-head" }, h("h2", {}, t("chats"))),
      rows.length ? h("ul", { class: "chats" }, rows) : h("p", { class: "nothing" }, t("noBusiness")));
  }

  enter(number, focus) {
    localStorage.setItem(this.key, number);
    this.chat?.stop();
    const business = store.businesses.find((b) => b.number === number);
    this.chat = new ChatView(this, business, store.businesses.length > 1);
    this.screen.replaceChildren(this.chat.el);
    this.chat.bottom();
    if (focus) this.chat.input.focus();
    this.seen();
  }

  // seen tells the simulator that the open chat is being looked at.
  seen() {
    if (!this.chat || document.visibilityState !== "visible" || !this.el.offsetParent) return;
    if (chatOf(this.phone, this.chat.number).messages.some((m) => !m.mine && !m.read)) openChat(this.phone.id, this.chat.number);
  }

  shown() {
    this.chat?.bottom();
    this.seen();
  }

  update(e) {
    if (e.event === "phone") {
      this.drawStrip();
      this.chat?.network();
      this.seen();
    } else if (this.chat?.number === e.number) this.chat.update(e);
    else if (!this.chat) this.list();
    if (e.event === "message" && !e.message.mine && !e.message.read) this.seen();
  }

  stop() {
    this.chat?.stop();
  }
}

document.addEventListener("visibilitychange", () => {
  for (const el of document.querySelectorAll(".phone")) el.dispatchEvent(new CustomEvent("look"));
});
