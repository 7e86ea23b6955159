// The console as people meet it: every screen, in both themes, wide and at phone width, with axe and a keyboard.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { NARROW } from '../browser.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

// Other faces of things that the walk over the pages finds.
const FACES = ['?ver=desenho', '?ver=lista'];

describe('the console', () => {
  const set = stage();

  it('is signed in and has something to show', async () => {
    const maria = await set.browser.person('Maria', { viewport: NARROW });
    const phone = new Phone(maria.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    await phone.open();
    await phone.say('Oi');
    await phone.reads('Como posso ajudar?');
  });

  for (const [width, viewport] of [['wide', undefined], ['phone', NARROW]]) {
    for (const colorScheme of ['light', 'dark']) {
      it(`passes axe on every screen, ${width}, ${colorScheme}`, async () => {
        const ana = await set.browser.person(`Ana ${width} ${colorScheme}`, { ...(viewport && { viewport }), colorScheme });
        const console_ = new Console(ana.page, set.stack.urls.base);
        await console_.enterBy(await set.stack.loginLink());
        for (const path of await console_.screens(FACES)) {
          await console_.go(path);
          await ana.page.getByRole('heading').first().waitFor();
          await ana.page.waitForLoadState('networkidle');
          assert.deepEqual([path, await violations(ana.page)], [path, []]);
          const sideways = await ana.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.equal(sideways, 0, `${path} scrolls sideways`);
        }
        await ana.context.close();
      });
    }
  }

  it('is used from the keyboard alone', async () => {
    const ana = await set.browser.person('Ana teclado');
    const console_ = new Console(ana.page, set.stack.urls.base);
    await console_.enterBy(await set.stack.loginLink());
    await console_.row('Maria Souza').waitFor();
    await ana.page.keyboard.press('j');
    await ana.page.keyboard.press('Enter');
    await console_.log.waitFor();
    await ana.page.keyboard.press('Escape');
    await ana.page.waitForURL('**/conversas?*');
    await ana.page.keyboard.press('g');
    await ana.page.keyboard.press('f');
    await ana.page.getByRole('heading', { level: 1, name: 'Fluxos' }).waitFor();
    await ana.page.keyboard.press('Control+k');
    await ana.page.getByRole('combobox', { name: 'Barra de comandos' }).waitFor();
    await ana.page.keyboard.type('conex');
    await ana.page.keyboard.press('Enter');
    await ana.page.getByRole('heading', { level: 1, name: 'Conexões' }).waitFor();
  });

  it('speaks English when asked, and remembers', async () => {
    const ana = await set.browser.person('Ana inglês');
    const console_ = new Console(ana.page, set.stack.urls.base);
    await console_.enterBy(await set.stack.loginLink());
    await console_.go('/ajustes');
    await ana.page.getByText('English', { exact: true }).click();
    await ana.page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await ana.page.reload();
    await ana.page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    assert.equal(await ana.page.evaluate(() => document.documentElement.lang), 'en');
  });

  it('comes back by itself when the server was away (rule 084)', async () => {
    const ana = await set.browser.person('Ana sem rede');
    const console_ = new Console(ana.page, set.stack.urls.base);
    await console_.enterBy(await set.stack.loginLink());
    await console_.openConversation('Maria Souza');
    await set.stack.ctl('stop', 'api');
    await ana.page.getByRole('button', { name: 'Ressincronizar' }).waitFor();
    // The notice stays for some seconds only, and may be gone before ctl has returned.
    const told = ana.page.getByText('Conexão de volta').waitFor();
    await Promise.all([told, set.stack.ctl('start', 'api')]);
  });

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
