// What leaves by itself: a message is scheduled two seconds ahead and leaves once, one is held because the contact wrote first
// and is sent by hand, and one is deleted on the page of everything scheduled.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

describe('what is scheduled', () => {
  const set = stage();
  let ana;
  let desk;
  let maria;

  const dialog = (name) => ana.page.getByRole('dialog', { name });
  const bar = () => ana.page.getByRole('region', { name: 'Agendamentos' });

  /** Writes an answer and opens the dialog that schedules it. */
  const write = async (text) => {
    await ana.page.getByRole('textbox', { name: /^Resposta para/ }).fill(text);
    await ana.page.getByRole('button', { name: 'Mais formas de enviar' }).click();
    await ana.page.getByRole('menuitem', { name: 'Agendar…' }).click();
    await dialog('Agendar mensagem').waitFor();
  };

  /** An instant so many seconds ahead, as the field has it. */
  const ahead = (seconds) =>
    ana.page.evaluate((s) => {
      const at = new Date(Date.now() + s * 1000);
      return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    }, seconds);

  it('begins with Maria, who talks to the bot', async () => {
    ana = await set.browser.person('Ana');
    desk = new Console(ana.page, set.stack.urls.base);
    await desk.enterBy(await set.stack.loginLink('ana@loja.example'));
    await desk.go('/conversas?visao=todos');
    const phones = await set.browser.person('Celular');
    maria = new Phone(phones.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    await maria.open();
    await maria.say('Oi');
    await maria.reads('Como posso ajudar?');
    await desk.openConversation('Maria Souza');
  });

  it('leaves at its instant, once, with its lines (rules 172, 173)', async () => {
    await write('Lembrete: sua visita é amanhã');
    const asked = dialog('Agendar mensagem');
    await asked.getByRole('radio', { name: /Escolher/ }).check();
    await asked.getByLabel('Data e hora').fill(await ahead(4));
    assert.deepEqual(await violations(ana.page), []);
    await asked.getByRole('button', { name: 'Agendar', exact: true }).click();
    await maria.reads('Lembrete: sua visita é amanhã');
    await ana.page.getByText(/^Agendamento enviado: mensagem/).waitFor();
    await ana.page.getByText(/^Agendado: mensagem para/).waitFor();
    assert.equal(await ana.page.getByRole('log').getByText('Lembrete: sua visita é amanhã').count(), 1);
  });

  it('waits when Maria writes first, and asks Ana', async () => {
    await write('Conseguiu ver a proposta?');
    await dialog('Agendar mensagem').getByRole('button', { name: 'Agendar', exact: true }).click();
    await bar().getByText(/^1 agendamento/).waitFor();
    await maria.say('Já vi, obrigada!');
    await bar().getByText('O contato escreveu antes. Enviar mesmo assim?').waitFor();
    assert.deepEqual(await violations(ana.page), []);
    await bar().getByRole('button', { name: 'Enviar agora' }).click();
    await maria.reads('Conseguiu ver a proposta?');
    await bar().waitFor({ state: 'detached' });
  });

  it('is listed by day, and deleted there (rules 168, 256)', async () => {
    await write('Até segunda!');
    await dialog('Agendar mensagem').getByRole('radio', { name: /Amanhã às 9h/ }).check();
    await dialog('Agendar mensagem').getByRole('button', { name: 'Agendar', exact: true }).click();
    await bar().waitFor();
    await desk.go('/agendamentos');
    await ana.page.getByRole('heading', { level: 2, name: 'Amanhã' }).waitFor();
    const row = ana.page.getByRole('listitem').filter({ hasText: 'Até segunda!' });
    await row.getByText(/por Ana/).waitFor();
    assert.deepEqual(await violations(ana.page), []);
    await row.getByRole('button', { name: 'Excluir' }).click();
    await dialog('Tem certeza que deseja excluir esse agendamento?').getByRole('button', { name: 'Excluir' }).click();
    await ana.page.getByText('Nada agendado').waitFor();
    await ana.page.getByRole('button', { name: 'Excluídos' }).click();
    await ana.page.getByText('Até segunda!').waitFor();
  });
});
