// The story of a first day: a customer writes, the bot answers and is walked to its end, the operator sees it all, and
// what dies on the way changes nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NARROW, PATIENCE } from '../browser.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

const PHOTO = fileURLToPath(new URL('../fixtures/varanda.png', import.meta.url));

describe('a first day', () => {
  const set = stage();
  let ana;
  let maria;
  let console_;
  let phone;

  it('all is ready within 20 seconds', (t) => {
    t.diagnostic(`ready after ${set.stack.facts.seconds.toFixed(1)} s`);
    assert.ok(set.stack.facts.seconds <= 20, `ready after ${set.stack.facts.seconds} s`);
  });

  it('Ana is signed in by the one-time link, which works once', async () => {
    ana = await set.browser.person('Ana');
    maria = await set.browser.person('Maria', { viewport: NARROW });
    console_ = new Console(ana.page, set.stack.urls.base);
    phone = new Phone(maria.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    const link = await set.stack.loginLink();
    await console_.enterBy(link);
    assert.ok(!ana.page.url().includes('t='), 'the token stays in the address');

    const other = await set.browser.person('Alguém');
    await other.page.goto(link);
    await other.page.getByRole('alert').filter({ hasText: 'já foi usado ou venceu' }).waitFor();
    await other.context.close();
  });

  it('Maria says Oi and gets the menu; Ana sees both at once', async (t) => {
    await phone.open();
    const said = performance.now();
    await phone.say('Oi');
    await phone.reads('Como posso ajudar?');
    const seen = Math.round(performance.now() - said);
    const ledger = await set.stack.ledger();
    const wrote = ledger.find((entry) => entry.kind === 'inbound' && entry.person === 'maria');
    const answer = ledger.find((entry) => entry.outcome === 'accepted' && entry.person === 'maria');
    const took = Date.parse(answer.at) - Date.parse(wrote.at);
    t.diagnostic(`the menu left after ${took} ms and was on the phone after ${seen} ms`);
    // A second is what people are promised; a shared machine that also runs the browser gets two more.
    assert.ok(seen < 3000, `the first menu was on the phone after ${seen} ms, and left after ${took} ms`);
    await console_.openConversation('Maria Souza');
    await console_.bubble('Oi').waitFor();
    await console_.tick('Como posso ajudar?', 'Lida');
  });

  it('Maria walks it with buttons, a list and text, and sends a photo and a voice note', async () => {
    await phone.tap('Fazer um pedido');
    await phone.reads('qual é o seu nome');
    await phone.say('Maria Souza');
    await phone.reads('O que você gostaria de pedir');
    await phone.choose('Ver produtos', /Kit de mudas/);
    await phone.reads('Quantas unidades');
    await phone.say('2');
    await phone.reads('Mande uma foto');
    await phone.sendPhoto(PHOTO, 'a varanda');
    await phone.reads('Recebi a foto');
    await phone.sendVoice();
    await phone.reads('Posso confirmar?');

    await console_.bubble('a varanda').getByRole('img', { name: 'a varanda' }).waitFor();
    await console_.log.getByRole('group', { name: 'Mensagem de voz' }).getByRole('button', { name: 'Tocar' }).waitFor();
    await console_.tick('Posso confirmar?', 'Lida');
    await phone.tick('2', 'Lida');
  });

  it('Ana finds the run in the console and, by its link, in Temporal Web', async () => {
    await console_.details.getByText('No nó Conferir pedido').waitFor();
    await console_.details.getByRole('link', { name: /Execução \d+/ }).click();
    await ana.page.getByRole('heading', { level: 1, name: /Execução \d+/ }).waitFor();
    await ana.page.getByText('Espera a resposta do contato').first().waitFor();
    await ana.page.getByText('está aqui').waitFor();
    const opened = ana.context.waitForEvent('page');
    await ana.page.getByRole('link', { name: /Ver no Temporal/ }).click();
    const temporal = await opened;
    await temporal.getByText('flow-run/', { exact: false }).first().waitFor();
    await temporal.close();
  });

  it('the worker is killed in the middle, and the conversation goes on', async () => {
    await set.stack.ctl('kill', 'worker');
    await phone.tap('Confirmar');
    // The call to the stock system, three seconds of waiting and the number of the order are still to come.
    await phone.reads(/Pedido nº \d{4} confirmado/);
    await phone.reads('Posso ajudar em mais alguma coisa?');
    await ana.page.goBack();
    await console_.log.waitFor();
    await console_.bubble('Confirmar').waitFor();
  });

  it('Temporal is away for a while, and nothing said meanwhile is lost', async () => {
    await set.stack.ctl('stop', 'temporal');
    await phone.say('menu');
    await phone.say('vocês estão aí?');
    await console_.bubble('vocês estão aí?').waitFor();
    await set.stack.ctl('start', 'temporal');
    await phone.reads('Como posso ajudar?', { timeout: 2 * PATIENCE });
    await phone.tick('vocês estão aí?', 'Lida');
    assert.equal(await console_.log.getByRole('article').filter({ hasText: 'vocês estão aí?' }).count(), 1);
  });

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
