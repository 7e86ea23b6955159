// Saved views are links, and what is done with everything that matches is one job: it goes on after a reload, says what it
// refused, and is undone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { NARROW } from '../browser.mjs';
import { Console } from '../console.mjs';
import { stage } from '../story.mjs';

/** So many tickets wait in each of two queues, and one conversation without a ticket is urgent too. */
const SUPPORT = 35;
const MONEY = 25;
const ALL = SUPPORT + MONEY + 1;

const rows = (queue, priority, from, count) => `
  WITH k AS (
    INSERT INTO contacts (account_id, name) SELECT a.id, 'Cliente ' || g FROM accounts a, generate_series(${from}, ${from + count - 1}) g RETURNING id, account_id, name
  ), v AS (
    INSERT INTO conversations (account_id, number, connection_id, contact_id, priority, last_message_at)
    SELECT k.account_id, 5000 + substr(k.name, 9)::int, (SELECT min(id) FROM connections c WHERE c.account_id = k.account_id), k.id, '${priority}', now() FROM k
    RETURNING id, account_id, contact_id, number
  )${
    queue === undefined
      ? ' SELECT count(*) FROM v'
      : `, t AS (
    INSERT INTO tickets (account_id, conversation_id, contact_id, protocol, state, queue_id, opened_at)
    SELECT v.account_id, v.id, v.contact_id, '20261130' || v.number, 'waiting', (SELECT id FROM queues q WHERE q.account_id = v.account_id AND q.name = '${queue}'), now() FROM v
    RETURNING id
  ) SELECT count(*) FROM t`
  };`;
const tickets = `
  UPDATE conversations v SET in_charge = 'ticket', ticket_id = t.id, last_ticket_id = t.id, queue_id = t.queue_id, ticket_state = 'waiting', protocol = t.protocol, opened_at = t.opened_at
  FROM tickets t WHERE t.conversation_id = v.id AND v.number > 5000;`;

describe('views', () => {
  const set = stage();
  let ana;
  let desk;
  let link;

  const seat = async (name, email) => {
    const person = await set.browser.person(name);
    const console_ = new Console(person.page, set.stack.urls.base);
    await console_.enterBy(await set.stack.loginLink(email));
    return { person, console_ };
  };
  const job = () => ana.page.getByRole('region', { name: 'Ação em várias conversas' });
  const selectAllThatMatch = async () => {
    await ana.page.getByRole('checkbox', { name: /^Selecionar Cliente/ }).first().click();
    const bar = ana.page.getByRole('toolbar', { name: 'Conversas selecionadas' });
    await bar.getByRole('button', { name: 'Selecionar todas as que estão na lista' }).click();
    await bar.getByRole('button', { name: `Todas as ${ALL}` }).click();
    await bar.getByText(`Todas as ${ALL}`).waitFor();
    return bar;
  };

  it('are built with an or, counted while one builds, and shared', async () => {
    await set.stack.sql(rows('Suporte', 'urgent', 1, SUPPORT));
    await set.stack.sql(rows('Financeiro', 'high', 101, MONEY));
    await set.stack.sql(rows(undefined, 'urgent', 201, 1));
    await set.stack.sql(tickets);
    ({ person: ana, console_: desk } = await seat('Ana', 'ana@loja.example'));
    await ana.page.getByRole('button', { name: 'Visões salvas' }).click();
    await ana.page.getByRole('button', { name: 'Nova visão' }).click();
    const dialog = ana.page.getByRole('dialog', { name: 'Nova visão' });
    await dialog.getByLabel('Nome da visão').fill('Mutirão');
    await dialog.getByLabel('Mostrar conversas em que').first().selectOption('qualquer uma');
    await dialog.getByRole('button', { name: 'Condição', exact: true }).click();
    for (const [place, words] of ['Urgente', 'Alta'].entries()) {
      await dialog.getByLabel('Campo', { exact: true }).nth(place).selectOption('Prioridade');
      const values = dialog.getByRole('combobox', { name: 'Prioridade: Valor' }).nth(place);
      await values.click();
      await ana.page.getByRole('option', { name: words, exact: false }).click();
      await ana.page.keyboard.press('Escape');
    }
    await dialog.getByText(`${ALL} conversas para você agora`).waitFor();
    await dialog.getByLabel('Quem vê').selectOption('Toda a conta');
    assert.deepEqual(await violations(ana.page), []);
    await dialog.getByRole('button', { name: 'Salvar visão' }).click();
    await ana.page.waitForURL(/salva=\d+/);
    link = new URL(ana.page.url()).pathname + new URL(ana.page.url()).search;
    await desk.list.getByRole('link', { name: /Mutirão\s*61/ }).waitFor();
  });

  it('show the second person who opens the link only what they may see', async () => {
    const { person: carla, console_: other } = await seat('Carla', 'carla@loja.example');
    await other.go(link);
    await other.list.getByRole('link', { name: new RegExp(`Mutirão\\s*${SUPPORT + 1}`) }).waitFor();
    await carla.page.setViewportSize(NARROW);
    await other.row('Cliente').waitFor();
    for (const hidden of ['Cliente 101', 'Cliente 125']) assert.equal(await other.list.getByText(hidden, { exact: true }).count(), 0);
    await other.go('/conversas?salva=999999');
    await carla.page.getByText('Esta visão não está disponível para você').waitFor();
  });

  it('are labelled whole by one job', async () => {
    const bar = await selectAllThatMatch();
    await bar.getByRole('button', { name: 'Mais ações com as selecionadas' }).click();
    await ana.page.getByRole('menuitem', { name: 'Etiqueta', exact: true }).click();
    const dialog = ana.page.getByRole('dialog', { name: 'Adicionar etiqueta' });
    await dialog.getByRole('combobox', { name: 'Etiqueta' }).click();
    await ana.page.getByRole('option').first().click();
    await dialog.getByRole('button', { name: 'Adicionar etiqueta' }).click();
    await job().getByText(`Pôr etiqueta: ${ALL} feitas`).waitFor();
  });

  it('are closed by one that goes on after a reload, says why one was refused, and is undone', async () => {
    const bar = await selectAllThatMatch();
    await bar.getByRole('button', { name: 'Encerrar' }).click();
    const dialog = ana.page.getByRole('dialog', { name: `Encerrar ${ALL} conversas?` });
    assert.deepEqual(await violations(ana.page), []);
    await dialog.getByRole('button', { name: 'Encerrar' }).click();
    await dialog.waitFor({ state: 'detached' });
    await ana.page.reload();
    await job().getByText(`Encerrar: ${ALL - 1} feitas, 1 recusada`).waitFor();
    await job().getByRole('button', { name: 'Ver os motivos' }).click();
    const why = ana.page.getByRole('dialog', { name: 'O que não foi feito, e por quê' });
    await why.getByText('Cliente 201').waitFor();
    await why.getByText('Não há atendimento aberto nesta conversa.').waitFor();
    assert.deepEqual(await violations(ana.page), []);
    await why.getByRole('button', { name: 'Fechar' }).click();
    assert.equal(await set.stack.sql(`SELECT count(*) FROM tickets WHERE state = 'waiting' AND protocol LIKE '202611305%'`), '0');
    await job().getByRole('button', { name: 'Desfazer' }).click();
    await job().getByText(`Encerrar, desfeita: ${ALL - 1} de volta como estavam`).waitFor();
    assert.equal(await set.stack.sql(`SELECT count(*) FROM tickets WHERE state = 'waiting' AND protocol LIKE '202611305%'`), String(ALL - 1));
  });
});
