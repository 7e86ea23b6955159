// A shift without a mouse: everything an agent does from the first ticket to the last, by keys alone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

describe('a shift without a mouse', () => {
  const set = stage();
  let ana;
  let desk;
  let maria;
  const press = (...keys) => keys.reduce((before, key) => before.then(() => ana.page.keyboard.press(key)), Promise.resolve());
  const type = (text) => ana.page.keyboard.type(text);
  const dialog = (name) => ana.page.getByRole('dialog', { name });
  const button = (name) => ana.page.getByRole('group', { name: 'Ações da conversa' }).getByRole('button', { name, exact: true });
  const focused = () => ana.page.evaluate(() => document.activeElement !== document.body && document.activeElement !== null);

  it('begins when somebody waits', async () => {
    const phones = await set.browser.person('Celular');
    maria = new Phone(phones.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    await maria.open();
    await maria.say('Oi');
    await maria.reads('Como posso ajudar?');
    await maria.tap('Falar com atendente');
    await maria.reads('qual é o assunto');
    await maria.say('Quero trocar o vaso');
    await maria.reads(/Chamei o Suporte|Nossa equipe atende/);
    ana = await set.browser.person('Ana');
    desk = new Console(ana.page, set.stack.urls.base);
    await desk.enterBy(await set.stack.loginLink());
    await desk.go('/conversas?visao=todos');
    await desk.row('Maria Souza').waitFor();
  });

  it('opens and accepts: j, Enter, a', async () => {
    await press('j', 'Enter');
    await desk.log.waitFor();
    await button('Aceitar').waitFor();
    await press('a');
    await button('Encerrar').waitFor();
  });

  it('answers and notes: r, n', async () => {
    await press('r');
    await ana.page.getByRole('textbox', { name: /^Resposta para/ }).waitFor();
    await type('Claro, qual é a cor?');
    await press('Enter');
    await maria.reads('qual é a cor');
    await press('Escape');
    await press('n');
    await type('Cliente antiga');
    await press('Enter');
    await desk.bubble('Cliente antiga').waitFor();
    await press('Escape');
  });

  it('snoozes with a reason and wakes: z, z', async () => {
    await press('z');
    await dialog('Adiar atendimento').waitFor();
    await dialog('Adiar atendimento').getByRole('textbox', { name: /Motivo/ }).focus();
    await type('Aguarda a cor');
    await press('Enter');
    await dialog('Adiar atendimento').waitFor({ state: 'detached' });
    await ana.page.getByText(/^Adiado até/).first().waitFor();
    await button('Acordar agora').waitFor();
    await press('z');
    await button('Adiar').waitFor();
  });

  it('changes priority and labels by the second lists of the bar: p, l', async () => {
    await press('p');
    await ana.page.getByRole('option', { name: 'Urgente' }).waitFor();
    await type('urg');
    await press('Enter');
    await ana.page.getByTitle('Prioridade urgente').first().waitFor();
    await press('l');
    await ana.page.getByRole('option', { name: 'vip' }).waitFor();
    await type('vip');
    await press('Enter');
    await desk.details.getByRole('button', { name: 'Remover a etiqueta vip' }).waitFor();
  });

  it('transfers by the bar: Mod+K, atribuir agente, the name', async () => {
    await press('Control+k');
    await ana.page.getByRole('combobox', { name: 'Barra de comandos' }).waitFor();
    await type('>atribuir agente');
    await press('Enter');
    await ana.page.getByRole('option', { name: 'Bruno Castro' }).waitFor();
    await type('bruno');
    await press('Enter');
    await dialog('Transferir atendimento').getByText('Tem certeza que deseja alterar o agente?').waitFor();
    await press('Control+Enter');
    await dialog('Transferir atendimento').waitFor({ state: 'detached' });
    await button('Assumir').waitFor();
    await press('a');
    await button('Encerrar').waitFor();
  });

  it('closes: e, and the keys of a dialog', async () => {
    await press('e');
    await dialog('Encerrar atendimento').getByRole('combobox', { name: /Motivo/ }).waitFor();
    assert.ok(await focused(), 'the focus is lost');
    await press('Control+Enter');
    await dialog('Encerrar atendimento').waitFor({ state: 'detached' });
    await button('Reabrir').waitFor();
  });

  it('lists its keys, edits a contact and goes on: ?, i, Escape, j', async () => {
    await press('?');
    await dialog('Atalhos do teclado').getByText('Reabrir').waitFor();
    await press('Escape');
    await dialog('Atalhos do teclado').waitFor({ state: 'detached' });
    await desk.details.getByRole('button', { name: /^E-mail: / }).focus();
    await press('Enter');
    await type('maria@exemplo.com.br');
    await press('Enter');
    await desk.details.getByRole('button', { name: /^E-mail: maria@exemplo/ }).waitFor();
    await press('Escape');
    await ana.page.waitForURL(/\/conversas(\?|$)/);
    await press('j');
    assert.ok(await focused(), 'no row has the focus');
  });

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
