// What agents do with tickets: one is accepted, answered and closed, one comes from the bot and goes back to it, two agents
// want the same one, and one changes hands.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { NARROW } from '../browser.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

/** The actions over the open conversation. */
const actions = (person) => person.page.getByRole('group', { name: 'Ações da conversa' });
const act = (person, name) => actions(person).getByRole('button', { name, exact: true });

async function fromMenu(person, name) {
  await act(person, 'Mais ações').click();
  await person.page.getByRole('menuitem', { name }).click();
}

describe('tickets', () => {
  const set = stage();
  let ana;
  let bruno;
  let desk;
  let other;
  let maria;
  let joao;

  const seat = async (name, email) => {
    const person = await set.browser.person(name);
    const console_ = new Console(person.page, set.stack.urls.base);
    await console_.enterBy(await set.stack.loginLink(email));
    await console_.go('/conversas?visao=todos');
    return { person, console_ };
  };

  it('begin at the bot: Maria asks for a person', async () => {
    ({ person: ana, console_: desk } = await seat('Ana', 'ana@loja.example'));
    ({ person: bruno, console_: other } = await seat('Bruno', 'bruno@loja.example'));
    const phones = await set.browser.person('Celulares');
    maria = new Phone(phones.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    joao = new Phone(phones.page, { name: 'João Lima', url: set.stack.urls.phone });
    await maria.open();
    await maria.say('Oi');
    await maria.reads('Como posso ajudar?');
    await maria.tap('Falar com atendente');
    await maria.reads('qual é o assunto');
    await maria.say('Minha planta chegou quebrada');
    await maria.reads(/Chamei o Suporte|Nossa equipe atende/);
  });

  it('are accepted, answered and closed with a reason', async () => {
    await desk.openConversation('Maria Souza');
    await act(ana, 'Aceitar').click();
    await act(ana, 'Encerrar').waitFor();
    await ana.page.getByRole('textbox', { name: /^Resposta para/ }).fill('Oi, Maria! Vou ver isso agora.');
    await ana.page.keyboard.press('Enter');
    await maria.reads('Vou ver isso agora');
    await act(ana, 'Encerrar').click();
    const dialog = ana.page.getByRole('dialog', { name: 'Encerrar atendimento' });
    await dialog.getByRole('combobox', { name: /Motivo/ }).selectOption('Resolvido');
    await dialog.getByRole('textbox', { name: /Mensagem de encerramento/ }).fill('Conte com a gente!');
    assert.deepEqual(await violations(ana.page), []);
    await dialog.getByRole('button', { name: 'Encerrar' }).click();
    await dialog.waitFor({ state: 'detached' });
    await maria.reads('Conte com a gente!');
    await maria.reads('De 1 a 5');
    await act(ana, 'Reabrir').waitFor();
    await desk.details.getByText('Resolvido').first().waitFor();
    await desk.details.getByText('Atendimentos anteriores').click();
    await desk.details.getByRole('button', { name: /^\d{8,}/ }).first().click();
    await desk.details.getByText('Ana Ribeiro encerrou').waitFor();
  });

  it('go back to the bot, which goes on where it stopped', async () => {
    await joao.say('Oi');
    await joao.reads('Como posso ajudar?');
    await desk.openConversation('João Lima');
    await ana.page.getByRole('textbox', { name: /^Resposta para/ }).fill('Posso ajudar com o boleto, João.');
    await ana.page.keyboard.press('Enter');
    await joao.reads('Posso ajudar com o boleto');
    await act(ana, 'Encerrar').waitFor();
    await fromMenu(ana, /Devolver ao robô/);
    await act(ana, 'Assumir').waitFor();
    await joao.say('segunda via');
    await joao.reads('Qual é o CPF do cadastro?');
  });

  it('have one agent when two are quick, and the other reads why', async () => {
    // The survey of the closing comes first.
    await maria.say('5');
    await maria.reads(/obrigad/i);
    await maria.say('Oi de novo');
    await maria.reads('Como posso ajudar?');
    await maria.tap('Falar com atendente');
    await maria.reads('qual é o assunto');
    await maria.say('Outra pergunta');
    await maria.reads(/Chamei o Suporte|Nossa equipe atende/);
    await desk.openConversation('Maria Souza');
    await other.openConversation('Maria Souza');
    await act(ana, 'Aceitar').waitFor();
    await act(bruno, 'Aceitar').waitFor();
    // Ana's click is on its way while Bruno's is done.
    let go;
    const gate = new Promise((resolve) => (go = resolve));
    await ana.page.route('**/v1/tickets/*/accept', async (route) => {
      await gate;
      await route.continue();
    });
    await act(ana, 'Aceitar').click();
    await act(ana, 'Encerrar').waitFor();
    const done = bruno.page.waitForResponse((answer) => answer.url().endsWith('/accept'));
    await act(bruno, 'Aceitar').click();
    assert.equal((await done).status(), 200);
    go();
    await ana.page.getByRole('alert').filter({ hasText: /^Bruno Castro aceitou há / }).waitFor();
    await act(ana, 'Assumir').waitFor();
    await ana.page.unroute('**/v1/tickets/*/accept');
  });

  it('change hands with a note that only the team reads', async () => {
    await act(bruno, 'Transferir').click();
    const dialog = bruno.page.getByRole('dialog', { name: 'Transferir atendimento' });
    await dialog.getByRole('combobox', { name: 'Quem atende' }).fill('Carla');
    await bruno.page.getByRole('option', { name: /Carla Menezes/ }).click();
    await dialog.getByText('Tem certeza que deseja alterar o agente?').waitFor();
    await dialog.getByRole('textbox', { name: /Nota interna/ }).fill('Ela já tem o pedido em mãos');
    await dialog.getByRole('button', { name: 'Transferir' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { person: carla, console_: third } = await seat('Carla', 'carla@loja.example');
    await third.go('/conversas?visao=meus');
    await third.openConversation('Maria Souza');
    await third.bubble('Ela já tem o pedido em mãos').getByText('Mensagem interna, não será enviada para o contato').waitFor();
    await act(carla, 'Encerrar').waitFor();
    const ledger = await set.stack.ledger();
    assert.ok(!JSON.stringify(ledger).includes('pedido em mãos'), 'the note left the house');
  });

  it('close by themselves at their instant, unless the contact answers first', async () => {
    const schedule = async (cancels) => {
      await act(ana, 'Encerrar').click();
      const dialog = ana.page.getByRole('dialog', { name: 'Encerrar atendimento' });
      await dialog.getByRole('textbox', { name: /Tempo de encerramento/ }).fill('30');
      if (cancels) await dialog.getByRole('combobox', { name: 'Caso o usuário responda' }).selectOption('Cancelar o encerramento');
      await dialog.getByRole('textbox', { name: /Mensagem de encerramento/ }).fill('Encerramos por aqui. Até logo!');
      await dialog.getByRole('button', { name: 'Agendar encerramento' }).click();
      await dialog.waitFor({ state: 'detached' });
      await ana.page.getByText(/Encerramento automático/).waitFor();
    };
    const bar = ana.page.getByText(/Encerramento automático/);
    await act(ana, 'Assumir').click();
    await schedule(true);
    await maria.say('só mais uma coisa');
    await bar.waitFor({ state: 'detached' });
    await desk.bubble('só mais uma coisa').waitFor();
    await schedule(false);
    await ana.page.getByRole('button', { name: 'Cancelar encerramento' }).click();
    await ana.page.getByRole('button', { name: 'Sim', exact: true }).click();
    await bar.waitFor({ state: 'detached' });
    await schedule(false);
    // Its time has come: the workflow is rung as any change rings it, and looks at the row.
    await set.stack.sql(`UPDATE scheduled_closures SET due_at = now() WHERE state = 'waiting'`);
    await set.stack.sql(`INSERT INTO doorbells (account_id, workflow_type, workflow_id, input) SELECT c.account_id, 'ScheduledClosure', 'closure/' || c.id,
      jsonb_build_object('account_id', c.account_id, 'closure_id', c.id, 'ticket_id', c.ticket_id, 'conversation_id', t.conversation_id, 'connection_id', v.connection_id)
      FROM scheduled_closures c JOIN tickets t ON t.id = c.ticket_id JOIN conversations v ON v.id = t.conversation_id WHERE c.state = 'waiting'`);
    await bar.waitFor({ state: 'detached' });
    await maria.reads('Encerramos por aqui. Até logo!');
    await act(ana, 'Reabrir').click();
    await act(ana, 'Encerrar').waitFor();
  });

  for (const [width, viewport] of [['390', NARROW], ['360', { width: 360, height: 740 }]]) {
    it(`are served on a phone of ${width} px too`, async () => {
      const pocket = await set.browser.person(`Ana ${width}`, { viewport, colorScheme: 'dark' });
      const console_ = new Console(pocket.page, set.stack.urls.base);
      await console_.enterBy(await set.stack.loginLink());
      await console_.go('/conversas?visao=todos');
      await console_.openConversation('Maria Souza');
      await fromMenu(pocket, /Adiar/);
      const dialog = pocket.page.getByRole('dialog', { name: 'Adiar atendimento' });
      await dialog.getByRole('radio', { name: 'Quando o contato responder' }).check();
      assert.deepEqual(await violations(pocket.page), []);
      await dialog.getByRole('button', { name: 'Adiar' }).click();
      await dialog.waitFor({ state: 'detached' });
      await fromMenu(pocket, /Acordar agora/);
      await act(pocket, 'Mais ações').click();
      await pocket.page.getByRole('menuitem', { name: /^Adiar/ }).waitFor();
      await pocket.page.keyboard.press('Escape');
      await pocket.page.getByRole('button', { name: 'Mostrar dados da conversa' }).click();
      await pocket.page.getByRole('dialog', { name: 'Dados da conversa' }).getByRole('button', { name: /^Nome: / }).waitFor();
      assert.deepEqual(await violations(pocket.page), []);
      const sideways = await pocket.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(sideways, 0, 'the page scrolls sideways');
      await pocket.context.close();
    });
  }

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
