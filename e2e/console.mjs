// The operator: what a person does in the console, by what they see.
import { PATIENCE } from './browser.mjs';

/** The console in one person's window. */
export class Console {
  constructor(page, base) {
    this.page = page;
    this.#base = base;
    this.list = page.getByRole('region', { name: 'Lista de conversas' });
    this.log = page.getByRole('log', { name: 'Mensagens' });
    this.details = page.getByRole('complementary', { name: 'Dados da conversa' });
  }

  #base;

  /** Follows a one-time link: the token leaves the address. */
  async enterBy(link) {
    await this.page.goto(link);
    await this.page.waitForURL('**/conversas');
    await this.page.getByRole('heading', { level: 1, name: 'Conversas' }).waitFor();
    await this.view('Todos');
  }

  /** Shows a view of the list: Todos, Abertos, Meus, Em atendimento, Adiados. */
  async view(name) {
    await this.list.getByRole('link', { name: new RegExp(`^${name}`) }).click();
    await this.list.locator(`a[aria-current="page"]`).filter({ hasText: name }).waitFor();
  }

  async go(path) {
    await this.page.goto(new URL(path, this.#base).href);
  }

  /** Every page of the rail, the first thing on each, and other faces of flows: what the console registers is what is looked at. */
  async screens(faces = []) {
    const pages = await this.page.locator('nav a[href^="/"]').evaluateAll((links) => [...new Set(links.map((link) => new URL(link.href).pathname))]);
    const found = [];
    for (const page of pages) {
      found.push(page);
      await this.go(page);
      await this.page.getByRole('heading').first().waitFor();
      await this.page.waitForLoadState('networkidle');
      const thing = await this.page.evaluate((to) => document.querySelector(`main a[href^="${to}/"]`)?.getAttribute('href'), page);
      if (thing) found.push(thing);
      if (thing?.startsWith('/fluxos/')) found.push(...faces.map((face) => thing + face));
    }
    return found;
  }

  /** The row of a conversation. */
  row(name) {
    return this.list.locator('[data-conversation]').filter({ hasText: name }).first();
  }

  async openConversation(name) {
    await this.row(name).click();
    await this.log.waitFor();
    // A pointer that rests on the list holds its rows still.
    await this.log.hover();
  }

  /** The field in which the open conversation is answered. */
  get field() {
    return this.page.getByRole('textbox', { name: /^Resposta para/ });
  }

  /** Turns the composer's switch: Resposta, Nota, Modelo. */
  async turn(mode) {
    await this.page.getByRole('group', { name: 'O que escrever' }).getByText(mode, { exact: true }).click();
  }

  /** Answers as people do: writes and presses Enter. */
  async answer(text) {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** The newest bubble with these words. */
  bubble(text) {
    return this.log.getByRole('article').filter({ hasText: text }).last();
  }

  /** Waits until a bubble's tick says so: Enviada, Entregue, Lida… */
  async tick(text, status, { timeout = PATIENCE } = {}) {
    await this.bubble(text).getByRole('button', { name: `Situação da mensagem: ${status}` }).waitFor({ timeout });
  }
}
