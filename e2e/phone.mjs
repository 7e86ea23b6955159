// The customer: what a person does on the simulated phone, by what they see.
import { PATIENCE } from './browser.mjs';

/** One phone on the simulator's page. */
export class Phone {
  constructor(page, { name, url }) {
    this.page = page;
    this.name = name;
    this.#url = url;
    this.device = page.getByRole('region', { name: `Telefone de ${name}` });
    this.log = this.device.getByRole('log');
  }

  #url;
  /** How many bubbles of the business were read. */
  #read = 0;

  /** Opens the page and, on it, the chat with the business. */
  async open(business = 'Loja Exemplo') {
    await this.page.goto(this.#url);
    const tab = this.page.getByRole('tab', { name: this.name });
    if (await tab.isVisible().catch(() => false)) await tab.click();
    await this.device.waitFor();
    const chat = this.device.getByRole('button', { name: business }).first();
    if (!(await this.log.isVisible())) await chat.click();
    await this.log.waitFor();
  }

  /** Writes and sends. */
  async say(text) {
    await this.device.getByRole('textbox', { name: 'Mensagem' }).fill(text);
    await this.device.getByRole('button', { name: 'Enviar', exact: true }).click();
  }

  /** Taps a button under the newest message that has it. */
  async tap(title) {
    await this.log.getByRole('button', { name: title, exact: true }).last().click();
  }

  /** Opens a list and chooses a row. */
  async choose(button, row) {
    await this.tap(button);
    await this.device.getByRole('dialog').getByRole('button', { name: row }).click();
  }

  /** Waits for words of the business in a bubble that comes after all that was read so far, and has read it then. */
  async reads(text, { timeout = PATIENCE } = {}) {
    const says = (bubble) => (text instanceof RegExp ? text.test(bubble) : bubble.includes(text));
    const until = performance.now() + timeout;
    for (;;) {
      const bubbles = await this.log.locator('.theirs').allInnerTexts();
      const at = bubbles.findIndex((bubble, n) => n >= this.#read && says(bubble));
      if (at >= 0) {
        this.#read = at + 1;
        return;
      }
      if (performance.now() > until) throw new Error(`${this.name} never read ${text}; unread: ${JSON.stringify(bubbles.slice(this.#read))}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until one's own newest message with these words has this tick: Enviada, Entregue, Lida. */
  async tick(text, status, { timeout = PATIENCE } = {}) {
    await this.mine(text).getByRole('img', { name: status }).waitFor({ timeout });
  }

  /** The last of one's own messages, to look at its tick. */
  mine(text) {
    return this.log.locator('.mine').filter({ hasText: text }).last();
  }

  async sendPhoto(file, caption) {
    await this.device.getByRole('button', { name: 'Anexar' }).click();
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('menuitem', { name: 'Foto ou vídeo' }).click();
    await (await chooser).setFiles(file);
    await this.page.getByRole('textbox', { name: 'Legenda' }).fill(caption);
    await this.page.getByRole('button', { name: 'Enviar foto' }).click();
  }

  /** Sends a file by an entry of the attachments' menu that asks for nothing else. */
  async sendFile(entry, file) {
    await this.device.getByRole('button', { name: 'Anexar' }).click();
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('menuitem', { name: entry, exact: true }).click();
    await (await chooser).setFiles(file);
  }

  /** Sends what an entry of the attachments' menu proposes in its form. */
  async sendForm(entry, button) {
    await this.device.getByRole('button', { name: 'Anexar' }).click();
    await this.page.getByRole('menuitem', { name: entry, exact: true }).click();
    await this.page.getByRole('button', { name: button }).click();
  }

  /** Chooses from the menu of the newest message of the business with these words. */
  async options(text, choice) {
    const bubble = this.log.locator('.theirs').filter({ hasText: text }).last();
    await bubble.hover();
    await bubble.getByRole('button', { name: 'Opções da mensagem' }).click();
    await this.page.getByRole('menuitem', { name: choice }).click();
  }

  /** Records for a moment and sends. */
  async sendVoice() {
    await this.device.getByRole('button', { name: 'Gravar mensagem de voz' }).click();
    await this.device.getByRole('timer').filter({ hasText: '0:02' }).waitFor();
    await this.device.getByRole('button', { name: 'Enviar mensagem de voz' }).click();
  }
}
