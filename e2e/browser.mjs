// One Chromium for a run, a fresh context for each person, and pictures of what each saw when a story fails.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ARTIFACTS = fileURLToPath(new URL('./artifacts/', import.meta.url));
const WIDE = { width: 1440, height: 900 };

/** How long anything that has to come is waited for. Nothing promises a time here: a busy machine is slow, not broken. */
export const PATIENCE = 60_000;

/** Phone width of the console and of the customer's page. */
export const NARROW = { width: 390, height: 844 };

/** The browser that scripts/setup finds too. */
function chromiumOf({ CHROMIUM, PATH = '' }) {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const found = [CHROMIUM, ...PATH.split(':').flatMap((folder) => names.map((name) => join(folder, name))), '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
  const path = found.find((each) => each && existsSync(each));
  if (!path) throw new Error('there is no Chromium: run scripts/setup test, or say where it is in CHROMIUM');
  return path;
}

/** The browser and everybody who sits at it. */
export class Browser {
  #browser;
  #people = [];

  static async start() {
    const browser = new Browser();
    browser.#browser = await chromium.launch({
      executablePath: chromiumOf(process.env),
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
  async person(name, { viewport = WIDE, colorScheme = 'light', reducedMotion } = {}) {
    const context = await this.#browser.newContext({
      viewport,
      colorScheme,
      reducedMotion,
      locale: 'pt-BR',
      timezoneId: 'America/Sao_Paulo',
      permissions: ['microphone', 'clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(PATIENCE);
    // Pictures of the page after every step cost more than the page itself: only when asked for.
    await context.tracing.start({ screenshots: Boolean(process.env.E2E_TRACE), snapshots: Boolean(process.env.E2E_TRACE) });
    const page = await context.newPage();
    // E2E_SLOW=6 tries a story as on a machine six times slower: what only holds on a fast one shows itself.
    if (process.env.E2E_SLOW) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: Number(process.env.E2E_SLOW) });
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
