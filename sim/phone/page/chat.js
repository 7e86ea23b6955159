// An open chat: the bubbles, the composer, quoting, and what the business does meanwhile.

import { h, icon, avatar, menu, toast } from "./dom.js";
import { t, locale } from "./i18n.js";
import { chatOf, write, upload } from "./store.js";
import { bubble, preview } from "./bubble.js";
import { attachMenu } from "./attach.js";
import { Recorder } from "./voice.js";

function dayName(at) {
  const d = new Date(at), now = new Date();
  const days = Math.round((new Date(now.getFullYear(), now.getMonth(), now.getDate()) - new Date(d.getFullYear(), d.getMonth(), d.getDate())) / 86400000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  return d.toLocaleDateString(locale(), { day: "2-digit", month: "long", year: "numeric" });
}

export class ChatView {
  constructor(view, business, canGoBack) {
    this.view = view;
    this.phone = view.phone;
    this.business = business;
    this.number = business.number;
    this.shownKeys = new Map();
    this.quote = undefined;
    this.state = h("span", { class: "state" }, t("business"));
    this.log = h("div", { class: "log", role: "log", "aria-label": t("conversation", business.name), tabindex: "0" });
    this.typingEl = h("div", { class: "typing", role: "status", "aria-label": t("isTyping", business.name), hidden: true }, h("i"), h("i"), h("i"));
    this.note = h("p", { class: "offline-note", hidden: true }, t("offlineNote"));
    this.buildComposer();
    this.el = h("div", { class: "chat" },
      h("header", { class: "chat-head" },
        canGoBack && h("button", { type: "button", class: "round", "aria-label": t("back"), onclick: () => view.list() }, icon("back")),
        avatar(business.name), h("div", { class: "who" }, h("strong", {}, business.name), this.state)),
      this.log, this.note, this.quoteBox, this.composer);
    this.onLook = () => view.seen();
    view.el.addEventListener("look", this.onLook);
    this.redraw();
    this.network();
  }

  get chat() { return chatOf(this.phone, this.number); }

  message(id) { return id && this.chat.messages.find((m) => m.id === id); }

  buildComposer() {
    this.input = h("textarea", {
      rows: "1", "aria-label": t("message"), placeholder: t("message"), enterkeyhint: "send", maxlength: "4096",
      oninput: () => this.fit(),
      onkeydown: (e) => {
        if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); this.sendText(); }
        if (e.key === "Escape" && this.quote) this.setQuote();
      },
      onpaste: (e) => {
        const file = [...(e.clipboardData?.files ?? [])][0];
        if (file) { e.preventDefault(); this.sendFile(file, file.type.startsWith("image/") ? "image" : "document"); }
      },
    });
    const attach = h("button", { type: "button", class: "round", "aria-label": t("attach"), "aria-haspopup": "menu", onclick: (e) => attachMenu(e.currentTarget, this) }, icon("attach"));
    this.go = h("button", { type: "submit", class: "go", "aria-label": t("record") }, icon("mic"));
    this.composer = h("form", { class: "composer", onsubmit: (e) => { e.preventDefault(); if (this.input.value.trim()) this.sendText(); else this.record(); } },
      attach, this.input, this.go);
    this.quoteBox = h("div", { class: "quoting", hidden: true });
  }

  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 120)}px`;
    const writing = this.input.value.trim() !== "";
    if (writing === this.writing) return;
    this.writing = writing;
    this.go.setAttribute("aria-label", writing ? t("send") : t("record"));
    this.go.replaceChildren(icon(writing ? "send" : "mic"));
  }

  send(draft) {
    if (this.quote && draft.type !== "reaction" && !draft.answers) draft.quote = this.quote.id;
    if (draft.type !== "reaction") this.setQuote();
    return write(this.phone.id, this.number, draft);
  }

  sendText() {
    const body = this.input.value.trim();
    if (!body) return;
    this.input.value = "";
    this.fit();
    this.input.focus();
    this.send({ type: "text", content: { body } });
  }

  async sendFile(blob, type, content = {}, name = blob.name) {
    try {
      const file = await upload(this.phone.id, blob, name, blob.type);
      if (type === "document") content.filename = name;
      await this.send({ type, content, file });
    } catch { /* the call has said what went wrong */ }
  }

  async record() {
    let recorder;
    try {
      recorder = await Recorder.start();
    } catch {
      toast(t("noMic"));
      return;
    }
    const clock = h("span", { class: "clock", role: "timer" });
    const show = () => { clock.textContent = t("recording", recorder.time()); };
    show();
    const beat = setInterval(show, 500);
    const end = async (keep) => {
      clearInterval(beat);
      bar.replaceWith(this.composer);
      const blob = await recorder.stop();
      if (keep && blob.size > 0) this.sendFile(blob, "audio", { voice: true }, "voz.ogg");
      this.input.focus();
    };
    const bar = h("div", { class: "composer recording" },
      h("button", { type: "button", class: "round", "aria-label": t("cancelVoice"), onclick: () => end(false) }, icon("trash")),
      h("span", { class: "dot", "aria-hidden": "true" }), clock,
      h("button", { type: "button", class: "go", "aria-label": t("sendVoice"), onclick: () => end(true) }, icon("send")));
    this.composer.replaceWith(bar);
    bar.querySelector(".go").focus();
  }

  setQuote(m) {
    this.quote = m;
    this.quoteBox.hidden = !m;
    if (!m) return;
    this.quoteBox.replaceChildren(
      h("div", {}, h("strong", {}, `${t("replyingTo")} ${m.mine ? t("you") : this.business.name}`), h("span", {}, preview(m))),
      h("button", { type: "button", class: "round", "aria-label": t("cancelReply"), onclick: () => { this.setQuote(); this.input.focus(); } }, icon("close")));
    this.input.focus();
  }

  react(m, emoji) {
    this.send({ type: "reaction", content: { message_id: m.id, emoji: m.reactions?.mine === emoji ? "" : emoji } });
  }

  options(m, button) {
    const emojis = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
    menu(button, t("messageOptions"), [{ label: t("reply"), icon: "reply", act: () => this.setQuote(m) }], (close) =>
      h("div", { class: "emojis" }, emojis.map((e) => h("button", {
        type: "button", role: "menuitem", "aria-label": m.reactions?.mine === e ? t("unreact") : t("react", e), class: m.reactions?.mine === e ? "on" : "",
        onclick: () => { close(true); this.react(m, e); },
      }, e))));
  }

  redraw() {
    this.shownKeys.clear();
    this.log.replaceChildren();
    const list = this.chat.messages.filter((m) => m.type !== "reaction");
    if (list.length === 0) {
      this.log.append(h("div", { class: "first" }, avatar(this.business.name, "big"), h("p", {}, t("emptyChat", this.business.name)),
        h("button", { type: "button", class: "primary", onclick: () => this.send({ type: "text", content: { body: t("hi") } }) }, t("sayHi")),
        h("small", {}, t("emptyHint"))));
    }
    let day = "";
    for (const m of list) {
      const d = dayName(m.at);
      if (d !== day) this.log.append(h("div", { class: "day" }, h("span", {}, d)));
      day = d;
      this.place(m);
    }
    this.log.append(this.typingEl);
    this.showTyping();
  }

  place(m) {
    const el = bubble(m, this);
    this.shownKeys.set(m.key, el);
    this.log.insertBefore(el, this.typingEl.parentNode === this.log ? this.typingEl : null);
  }

  update(e) {
    if (e.event === "typing") {
      this.showTyping();
      return;
    }
    if (e.event === "cleared") {
      this.redraw();
      return;
    }
    if (e.event !== "message" || e.message.type === "reaction") return;
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 160;
    const old = this.shownKeys.get(e.message.key);
    if (old) {
      const playing = old.querySelector("audio, video");
      if (playing && !playing.paused) return; // its sound would stop
      const el = bubble(e.message, this);
      const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
      old.replaceWith(el);
      if (focused) [...el.querySelectorAll("button")].find((b) => b.getAttribute("aria-label") === focused)?.focus();
      this.shownKeys.set(e.message.key, el);
    } else {
      const last = this.chat.messages.filter((m) => m.type !== "reaction").at(-1);
      if (this.shownKeys.size === 0 || last?.key !== e.message.key) this.redraw();
      else this.place(e.message);
    }
    if (near || e.message.mine) this.bottom();
  }

  showTyping() {
    clearTimeout(this.typingTimer);
    const left = this.chat.typing_ms;
    this.typingEl.hidden = !(left > 0);
    this.state.textContent = left > 0 ? t("typing") : t("business");
    if (left > 0) {
      this.typingTimer = setTimeout(() => { this.chat.typing_ms = 0; this.showTyping(); }, left);
      this.bottom();
    }
  }

  network() {
    this.note.hidden = this.phone.online;
  }

  bottom() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  stop() {
    clearTimeout(this.typingTimer);
    this.view.el.removeEventListener("look", this.onLook);
  }
}
