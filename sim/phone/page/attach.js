// What can be attached: pictures, documents, stickers, places and contact cards.

import { h, menu, sheet, toast } from "./dom.js";
import { t } from "./i18n.js";

function pick(accept, act) {
  const input = h("input", { type: "file", accept, class: "hidden-file", "aria-label": t("attach"), onchange: () => { act(input.files[0]); input.remove(); }, oncancel: () => input.remove() });
  document.body.append(input);
  input.click();
}

export function attachMenu(button, chat) {
  menu(button, t("attach"), [
    { label: t("photo"), icon: "image", act: () => pick("image/jpeg,image/png,image/webp,video/mp4,video/3gpp", (f) => f && captionSheet(chat, f)) },
    { label: t("document"), icon: "file", act: () => pick("", (f) => f && chat.sendFile(f, "document")) },
    { label: t("audioFile"), icon: "mic", act: () => pick("audio/*", (f) => f && chat.sendFile(f, "audio")) },
    { label: t("sticker"), icon: "sticker", act: () => pick("image/*", (f) => f && sendSticker(chat, f)) },
    { label: t("location"), icon: "pin", act: () => sendLocation(chat) },
    { label: t("contactCard"), icon: "person", act: () => sendContact(chat) },
  ]);
}

function captionSheet(chat, file) {
  const video = file.type.startsWith("video/");
  const url = URL.createObjectURL(file);
  const caption = h("input", { type: "text", "aria-label": t("caption"), placeholder: t("caption"), maxlength: "1024" });
  const form = h("form", {
    class: "stack", onsubmit: async (e) => {
      e.preventDefault();
      close();
      URL.revokeObjectURL(url);
      const content = caption.value.trim() ? { caption: caption.value.trim() } : {};
      chat.sendFile(video ? file : await asPhoto(file), video ? "video" : "image", content, file.name);
    },
  }, video ? h("video", { class: "preview", src: url, controls: true }) : h("img", { class: "preview", src: url, alt: file.name }), caption,
  h("button", { type: "submit", class: "primary" }, t("captionFor", (video ? t("video") : t("image")).toLowerCase())));
  const close = sheet(chat.view.el, video ? t("video") : t("image"), t("close"), form);
}

// asPhoto gives what a phone would send: JPEG or PNG as it is, anything else as JPEG.
async function asPhoto(file) {
  if (file.type === "image/jpeg" || file.type === "image/png") return file;
  try {
    return await draw(file, (b) => [b.width, b.height], "image/jpeg", 0.9);
  } catch {
    return file;
  }
}

async function sendSticker(chat, file) {
  try {
    const blob = file.type === "image/webp" ? file : await draw(file, () => [512, 512], "image/webp", 0.85);
    chat.sendFile(blob, "sticker", { animated: false }, "figurinha.webp");
  } catch (e) {
    toast(t("failed", e.message));
  }
}

async function draw(file, fit, type, quality) {
  const bitmap = await createImageBitmap(file);
  const [width, height] = fit(bitmap);
  const canvas = h("canvas", {});
  canvas.width = width;
  canvas.height = height;
  const scale = Math.min(width / bitmap.width, height / bitmap.height);
  const w = bitmap.width * scale, hgt = bitmap.height * scale;
  canvas.getContext("2d").drawImage(bitmap, (width - w) / 2, (height - hgt) / 2, w, hgt);
  return new Promise((done, fail) => canvas.toBlob((b) => (b ? done(b) : fail(new Error("canvas"))), type, quality));
}

// sendLocation asks for a place; answers is the message that asked for it, if one did.
export function sendLocation(chat, answers) {
  const field = (name, value, type = "text") => h("input", { type, name, value, step: "any", required: type === "number" });
  const latitude = field("latitude", "-23.5614", "number"), longitude = field("longitude", "-46.6559", "number");
  const name = field("place", "Avenida Paulista"), address = field("address", "São Paulo");
  const label = (text, input) => h("label", {}, text, input);
  const close = sheet(chat.view.el, t("location"), t("close"), h("form", {
    class: "stack", onsubmit: (e) => {
      e.preventDefault();
      close();
      const content = { latitude: Number(latitude.value), longitude: Number(longitude.value) };
      if (name.value) content.name = name.value;
      if (address.value) content.address = address.value;
      chat.send({ type: "location", content, answers, chosen: answers && "location" });
    },
  }, label(t("place"), name), label(t("address"), address), h("div", { class: "pair" }, label(t("latitude"), latitude), label(t("longitude"), longitude)),
  "geolocation" in navigator && h("button", {
    type: "button", class: "quiet", onclick: () => navigator.geolocation.getCurrentPosition((p) => {
      latitude.value = p.coords.latitude.toFixed(6);
      longitude.value = p.coords.longitude.toFixed(6);
      name.value = address.value = "";
    }, (e) => toast(t("failed", e.message))),
  }, t("useMine")), h("button", { type: "submit", class: "primary" }, t("sendLocation"))));
}

function sendContact(chat) {
  const name = h("input", { type: "text", required: true, value: "Ana Prado", autocomplete: "off" });
  const phone = h("input", { type: "tel", required: true, value: "+55 11 97777-0004", autocomplete: "off" });
  const close = sheet(chat.view.el, t("contactCard"), t("close"), h("form", {
    class: "stack", onsubmit: (e) => {
      e.preventDefault();
      close();
      const first = name.value.trim().split(" ")[0];
      chat.send({
        type: "contacts",
        contacts: [{ name: { formatted_name: name.value.trim(), first_name: first }, phones: [{ phone: phone.value.trim(), wa_id: phone.value.replace(/\D/g, ""), type: "CELL" }] }],
      });
    },
  }, h("label", {}, t("contactName"), name), h("label", {}, t("contactPhone"), phone), h("button", { type: "submit", class: "primary" }, t("sendContact"))));
}
