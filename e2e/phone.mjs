// The customer: what a person does on the simulated phone, by what they see.

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

  /** Waits for words of the business that come after everything read so far. */
  async reads(text, { timeout = 15_000 } = {}) {
    await this.log.locator('.theirs').filter({ hasText: text }).last().waitFor({ timeout });
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

  /** Records for a moment and sends. */
  async sendVoice() {
    await this.device.getByRole('button', { name: 'Gravar mensagem de voz' }).click();
    await this.device.getByRole('timer').filter({ hasText: '0:02' }).waitFor();
    await this.device.getByRole('button', { name: 'Enviar mensagem de voz' }).click();
  }
}
