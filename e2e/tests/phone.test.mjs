// The customer's phones: everything a person can send, at a desk and at phone width, with and without a network, and what
// the operator sees of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { violations } from '../axe.mjs';
import { NARROW } from '../browser.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

const PHOTO = fileURLToPath(new URL('../fixtures/varanda.png', import.meta.url));

describe('the phones', () => {
  const set = stage();
  let desk;
  let maria;
  let joao;
  let ana;
  let console_;

  it('stand side by side, and each has a conversation of its own', async () => {
    desk = await set.browser.person('Mesa');
    maria = new Phone(desk.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    joao = new Phone(desk.page, { name: 'João Lima', url: set.stack.urls.phone });
    await maria.open();
    await maria.say('Oi');
    await maria.reads('Como posso ajudar?');
    assert.ok(await joao.device.isVisible(), 'João’s phone stands beside Maria’s');
    await joao.say('Olá');
    await joao.reads('Como posso ajudar?');
    ana = await set.browser.person('Ana');
    console_ = new Console(ana.page, set.stack.urls.base);
    await console_.enterBy(await set.stack.loginLink());
    await console_.row('João Lima').waitFor();
    await console_.openConversation('Maria Souza');
  });

  it('send documents, stickers, places and cards, and Ana sees each as what it is', async () => {
    await maria.sendFile('Documento', PHOTO);
    await console_.log.getByRole('link', { name: 'Baixar: varanda.png' }).waitFor();
    await maria.sendFile('Figurinha', PHOTO);
    await console_.log.getByRole('img', { name: 'Figurinha' }).waitFor();
    await maria.sendForm('Localização', 'Enviar localização');
    await console_.bubble('Avenida Paulista').getByRole('link', { name: 'Abrir no mapa' }).waitFor();
    await maria.sendForm('Contato', 'Enviar contato');
    await console_.bubble('Ana Prado').waitFor();
  });

  it('quote and react', async () => {
    await maria.options('Como posso ajudar?', 'Responder');
    await maria.say('não sei ainda');
    await console_.bubble('não sei ainda').getByText('Como posso ajudar?').waitFor();
    await maria.options('Como posso ajudar?', 'Reagir com ❤️');
    await console_.log.getByRole('article').filter({ hasText: 'Como posso ajudar?' }).first().getByRole('img', { name: /❤️/ }).waitFor();
  });

  it('lose their network, and what was said meanwhile goes both ways when it is back', async () => {
    await joao.device.getByRole('button', { name: 'Conectado. Desligar a internet' }).click();
    await joao.say('segunda via');
    await joao.tick('segunda via', 'Aguardando internet');
    await joao.device.getByRole('button', { name: 'Sem internet. Religar' }).click();
    await joao.reads('Qual é o CPF do cadastro?');
    await joao.tick('segunda via', 'Lida');
  });

  for (const [width, viewport] of [['wide', undefined], ['phone', NARROW]]) {
    for (const colorScheme of ['light', 'dark']) {
      it(`pass axe, ${width}, ${colorScheme}`, async () => {
        const other = await set.browser.person(`Outra ${width} ${colorScheme}`, { ...(viewport && { viewport }), colorScheme });
        const phone = new Phone(other.page, { name: 'Maria Souza', url: set.stack.urls.phone });
        await phone.open();
        await phone.log.locator('.theirs').first().waitFor();
        assert.deepEqual(await violations(other.page), []);
        const sideways = await other.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(sideways, 0, 'the page scrolls sideways');
        await other.context.close();
      });
    }
  }

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
