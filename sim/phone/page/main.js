// The page: the bar on top and the phones side by side (one at a time on a small screen).

import { h, icon, avatar } from "./dom.js";
import { t, locale, otherLanguage } from "./i18n.js";
import { store, listen, connect, phoneById } from "./store.js";
import { PhoneView } from "./phone.js";
import { addPhone, conditions } from "./panels.js";

const app = document.getElementById("app");
let views = new Map();
let current = localStorage.getItem("phone") ?? "";

const dark = () => document.documentElement.dataset.theme === "dark" ||
  (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);

const chosenTheme = localStorage.getItem("theme");
if (chosenTheme) document.documentElement.dataset.theme = chosenTheme;

function toggleTheme() {
  const theme = dark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  draw();
}

function choose(id) {
  current = id;
  localStorage.setItem("phone", id);
  for (const [key, view] of views) view.el.classList.toggle("current", key === id);
  for (const tab of app.querySelectorAll("[role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.phone === id));
  views.get(id)?.shown();
}

function draw() {
  document.documentElement.lang = locale();
  document.title = `${t("title")} · simulador`;
  for (const v of views.values()) v.stop();
  views = new Map();
  if (!phoneById(current)) current = store.phones[0]?.id ?? "";
  const arrows = (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const all = [...e.currentTarget.children];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    next.focus();
    next.click();
  };
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": t("phones"), onkeydown: arrows }, store.phones.map((p) => h("button", {
    type: "button", role: "tab", "data-phone": p.id, "aria-selected": String(p.id === current), onclick: () => choose(p.id),
  }, avatar(p.name, "small"), p.name.split(" ")[0])));
  const row = h("main", { class: "phones" });
  for (const p of store.phones) {
    const view = new PhoneView(p);
    view.el.classList.toggle("current", p.id === current);
    views.set(p.id, view);
    row.append(view.el);
  }
  if (store.connected && store.phones.length === 0) row.append(h("p", { class: "nothing" }, t("noPhones")));
  const button = (name, label, act, text) => h("button", { type: "button", class: text ? "bar wide" : "bar", "aria-label": label, title: label, onclick: act },
    icon(name), text && h("span", {}, text));
  app.replaceChildren(
    h("header", { class: "top" },
      h("div", { class: "heading" }, h("h1", {}, t("title")), h("p", {}, t("subtitle"))),
      h("nav", { "aria-label": t("phoneOptions") },
        button("plus", t("addPhone"), () => addPhone(document.body), t("addPhone")),
        button("bolt", t("conditions"), () => conditions(document.body), t("conditions")),
        button(dark() ? "sun" : "moon", dark() ? t("toLight") : t("toDark"), toggleTheme),
        h("button", { type: "button", class: "bar", lang: locale() === "en" ? "pt-BR" : "en", "aria-label": t("otherLanguage"), onclick: () => { otherLanguage(); draw(); } }, locale() === "en" ? "PT" : "EN"))),
    tabs,
    h("p", { class: "lost", role: "status", hidden: store.connected }, t("reconnecting")),
    row);
  for (const v of views.values()) v.shown();
}

listen((e) => {
  switch (e.event) {
    case "state": case "added": case "removed":
      draw();
      break;
    case "connection":
      app.querySelector(".lost")?.toggleAttribute("hidden", store.connected);
      break;
    default:
      views.get(e.phone_id)?.update(e);
  }
});

draw();
connect();
