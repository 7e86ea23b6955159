// One Chromium for a run, a fresh context for each person, and pictures of what each saw when a story fails.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ARTIFACTS = fileURLToPath(new URL('./artifacts/', import.meta.url));
const WIDE = { width: 1440, height: 900 };

/** Phone width of the console and of the customer's page. */
export const NARROW = { width: 390, height: 844 };

/** The browser and everybody who sits at it. */
export class Browser {
  #browser;
  #people = [];

  static async start() {
    const browser = new Browser();
    browser.#browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // A microphone that hums, for voice notes.
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
      ],
    });
    return browser;
  }

  /** A person's own window. Errors on the page are kept: a story ends with none. */
  async person(name, { viewport = WIDE, colorScheme = 'light' } = {}) {
    const context = await this.#browser.newContext({
      viewport,
      colorScheme,
      locale: 'pt-BR',
      timezoneId: 'America/Sao_Paulo',
      permissions: ['microphone', 'clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(15_000);
    await context.tracing.start({ screenshots: true, snapshots: true });
    const page = await context.newPage();
    const person = { name, page, context, errors: [] };
    page.on('pageerror', (error) => person.errors.push(error.message));
    this.#people.push(person);
    return person;
  }

  /** What went wrong on anybody's page. */
  get errors() {
    return this.#people.flatMap(({ name, errors }) => errors.map((error) => `${name}: ${error}`));
  }

  /** Keeps what everybody sees, for whoever looks into a failure. */
  async keep(title) {
    mkdirSync(ARTIFACTS, { recursive: true });
    const file = (person, ending) => join(ARTIFACTS, `${title} ${person.name}.${ending}`.replace(/[^\p{L}\p{N}. ]/gu, '').replaceAll(' ', '-'));
    for (const person of this.#people) {
      await person.page.screenshot({ path: file(person, 'png') }).catch(() => undefined);
      await person.context.tracing.stop({ path: file(person, 'zip') }).catch(() => undefined);
    }
  }

  async stop() {
    await this.#browser.close();
  }
}
