// Who sees a conversation: it leaves the list of who may not see it, and is found by them nowhere, and comes back (rule 033).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

const WORDS = 'meu vaso chegou trincado';

describe('the inbox', () => {
  const set = stage();
  let ana;
  let desk;
  let carla;
  let hers;
  let maria;
  let joao;
  let conversation;
  const frames = [];

  const api = async (person, path) => (await person.page.request.get(set.stack.urls.base + path)).status();
  const read = async (person, path) => (await person.page.request.get(set.stack.urls.base + path)).json();

  const transfer = async (queue) => {
    await ana.page.getByRole('group', { name: 'Ações da conversa' }).getByRole('button', { name: 'Transferir', exact: true }).click();
    const dialog = ana.page.getByRole('dialog', { name: 'Transferir atendimento' });
    await dialog.getByText('Fila', { exact: true }).click();
    await dialog.getByRole('combobox').fill(queue);
    await ana.page.getByRole('option', { name: new RegExp(queue) }).click();
    await dialog.getByRole('button', { name: 'Transferir' }).click();
    await dialog.waitFor({ state: 'detached' });
  };

  it('shows a ticket of Suporte to who is in Suporte', async () => {
    ana = await set.browser.person('Ana');
    desk = new Console(ana.page, set.stack.urls.base);
    await desk.enterBy(await set.stack.loginLink('ana@loja.example'));
    carla = await set.browser.person('Carla');
    carla.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    hers = new Console(carla.page, set.stack.urls.base);
    await hers.enterBy(await set.stack.loginLink('carla@loja.example'));
    const phones = await set.browser.person('Celulares');
    maria = new Phone(phones.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    joao = new Phone(phones.page, { name: 'João Lima', url: set.stack.urls.phone });
    await maria.open();
    for (const phone of [maria, joao]) {
      await phone.say('Oi');
      await phone.reads('Como posso ajudar?');
      await phone.tap('Falar com atendente');
      await phone.reads('qual é o assunto');
      await phone.say(phone === joao ? WORDS : 'quero trocar o vaso');
      await phone.reads(/Chamei o Suporte|Nossa equipe atende/);
    }
    await hers.openConversation('João Lima');
    await hers.bubble(WORDS).waitFor();
    const found = await read(ana, `/v1/conversations?q=${encodeURIComponent('João')}`);
    conversation = found.data[0];
    assert.equal(await api(carla, `/v1/conversations/${conversation.id}`), 200);
  });

  it('takes it away from her when it goes to Vendas, in the list and where it was open', async () => {
    await desk.openConversation('João Lima');
    await transfer('Vendas');
    await hers.row('João Lima').waitFor({ state: 'detached' });
    await hers.bubble(WORDS).waitFor({ state: 'detached' });
    await hers.row('Maria Souza').waitFor();
  });

  it('lets her find it nowhere: views, counts, search, address, contact, messages, events', async () => {
    frames.length = 0;
    await joao.say('ainda está aí?');
    await desk.bubble('ainda está aí?').waitFor();
    // What comes after it in the stream has come, so it would have come too.
    await maria.say('uma foto já vai');
    await hers.openConversation('Maria Souza');
    await hers.bubble('uma foto já vai').waitFor();
    assert.deepEqual(frames.filter((frame) => JSON.parse(frame).conversation_id === conversation.id), []);

    for (const view of ['Todos', 'Abertos']) {
      await hers.view(view);
      await hers.row('Maria Souza').waitFor();
      assert.equal(await hers.list.locator('[data-conversation]').filter({ hasText: 'João Lima' }).count(), 0, view);
    }
    const counts = await read(carla, '/v1/conversations/counts');
    const rows = await read(carla, '/v1/conversations?view=all&limit=100');
    assert.equal(counts.all.total, rows.data.length);
    assert.ok(rows.data.every((row) => row.id !== conversation.id));
    for (const words of ['João', 'trincado', String(conversation.number), conversation.ticket?.protocol ?? '']) {
      const hits = await read(carla, `/v1/conversations?q=${encodeURIComponent(words)}`);
      assert.ok(words === '' || hits.data.every((row) => row.id !== conversation.id), `found by ${words}`);
    }
    for (const path of [`/v1/conversations/${conversation.id}`, `/v1/conversations/${conversation.id}/messages`, `/v1/conversations/${conversation.id}/tickets`,
      `/v1/contacts/${conversation.contact.id}`, `/v1/tickets/${conversation.ticket.id}`]) {
      assert.equal(await api(carla, path), 404, path);
      assert.equal(await api(ana, path), 200, path);
    }
    await hers.go(`/conversas/${conversation.number}`);
    await carla.page.getByText(/não encontrad|não existe/i).first().waitFor();
    assert.equal(await carla.page.getByText('João Lima').count(), 0);
  });

  it('gives it back to her when it comes back, without a reload', async () => {
    await hers.go('/conversas?visao=todos');
    await hers.row('Maria Souza').waitFor();
    await transfer('Suporte');
    await hers.row('João Lima').waitFor();
    await hers.openConversation('João Lima');
    await hers.bubble('ainda está aí?').waitFor();
  });

  it('does several at once: what can be done is done, and the rest says why', async () => {
    await ana.page.getByRole('heading', { level: 1, name: 'Conversas' }).hover();
    await desk.row('Maria Souza').focus();
    await ana.page.keyboard.press('x');
    await desk.row('João Lima').focus();
    await ana.page.keyboard.press('x');
    await ana.page.getByRole('toolbar', { name: 'Conversas selecionadas' }).getByRole('button', { name: 'Aceitar' }).click();
    await ana.page.getByText(/Aceitar: 2 feitas/).first().waitFor();
    await desk.view('Meus');
    await desk.row('Maria Souza').waitFor();
    await desk.row('João Lima').waitFor();
  });

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
