// What a shift meets besides tickets: an answer that is taken back, a search with a jump, a page at 200 % or
// without motion, and people whose words are programs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

const HOSTILE = JSON.parse(readFileSync(new URL('../../web/src/test/hostile.json', import.meta.url), 'utf8'));

describe('a shift', () => {
  const set = stage();
  let ana;
  let desk;
  let maria;

  const seat = async (name, email, how) => {
    const person = await set.browser.person(name, how);
    const console_ = new Console(person.page, set.stack.urls.base);
    await console_.enterBy(await set.stack.loginLink(email));
    await console_.go('/conversas?visao=todos');
    return { person, console_ };
  };
  /** Sets for how many seconds an answer waits, and the server has it. */
  const delay = async (seconds) => {
    await desk.go('/ajustes?secao=perfil');
    // What the server keeps is read first: a change before that would be overwritten.
    await ana.page.waitForLoadState('networkidle');
    const saved = ana.page.waitForResponse((answer) => answer.url().endsWith('/v1/me') && answer.request().method() === 'PATCH');
    await ana.page.getByRole('combobox', { name: 'Desfazer o envio' }).selectOption(seconds);
    await saved;
  };
  const onPhone = () => maria.log.locator('.theirs').allInnerTexts();

  it('begins with a contact who waits', async () => {
    const phones = await set.browser.person('Celular');
    maria = new Phone(phones.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    await maria.open();
    await maria.say('Oi');
    await maria.reads('Como posso ajudar?');
    ({ person: ana, console_: desk } = await seat('Ana', 'ana@loja.example'));
    await desk.openConversation('Maria Souza');
    await desk.answer('Oi Maria, sou a Ana.');
    await maria.reads('sou a Ana');
  });

  it('takes an answer back before it leaves: the words are in the field again, and the phone never has them', async () => {
    await delay('10');
    await desk.go('/conversas?visao=todos');
    await desk.openConversation('Maria Souza');
    await desk.answer('isto não era para você');
    await ana.page.getByRole('button', { name: 'Desfazer o envio' }).first().click();
    await ana.page.waitForFunction(() => document.activeElement?.value === 'isto não era para você');
    await desk.field.fill('isto é para você');
    await desk.field.press('Enter');
    await maria.reads('isto é para você');
    assert.ok(!(await onPhone()).some((words) => words.includes('não era')), 'what was taken back left');
    await delay('0');
  });

  it('finds an old message and jumps to it', async () => {
    await maria.say('o pedido é o 20931');
    await desk.go('/conversas?visao=todos');
    await desk.openConversation('Maria Souza');
    await desk.bubble('o pedido é o 20931').waitFor();
    // Two hundred messages lie between it and the end.
    await set.stack.sql(`INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, provider_message_id, created_at)
      SELECT m.account_id, m.conversation_id, m.connection_id, m.contact_id, 'in', 'contact', 'text', jsonb_build_object('kind', 'text', 'text', 'linha ' || n), 'received', 'linha.' || n, now()
      FROM (SELECT * FROM messages WHERE content->>'text' = 'o pedido é o 20931' LIMIT 1) m, generate_series(1, 200) n`);
    await ana.page.reload();
    await desk.bubble('linha 200').waitFor();
    assert.equal(await desk.log.getByText('o pedido é o 20931').count(), 0, 'it is on screen already');
    await ana.page.keyboard.press('Control+f');
    await ana.page.getByRole('searchbox', { name: 'Buscar nas mensagens' }).fill('PEDIDO E O 20931');
    await ana.page.getByRole('list', { name: 'Resultados' }).getByRole('listitem').first().waitFor();
    await ana.page.keyboard.press('Enter');
    await desk.log.locator('[aria-current="true"]').filter({ hasText: 'o pedido é o 20931' }).waitFor();
    await ana.page.keyboard.press('Escape');
  });

  it('works at 200 % and without motion', async () => {
    const { person: zoomed, console_ } = await seat('Ana 200', 'ana@loja.example', { viewport: { width: 720, height: 450 }, reducedMotion: 'reduce' });
    await console_.openConversation('Maria Souza');
    await zoomed.page.getByRole('button', { name: 'Mais ações' }).click();
    await zoomed.page.getByRole('menuitem', { name: /Adiar/ }).click();
    const dialog = zoomed.page.getByRole('dialog', { name: 'Adiar atendimento' });
    await dialog.getByRole('button', { name: 'Adiar' }).scrollIntoViewIfNeeded();
    assert.deepEqual(await violations(zoomed.page), []);
    await zoomed.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await console_.answer('com a página grande');
    await maria.reads('com a página grande');
    const sideways = await zoomed.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(sideways, 0, 'the page scrolls sideways');
    const moving = await zoomed.page.evaluate(() => document.getAnimations().filter((each) => (each.effect?.getComputedTiming().duration ?? 0) > 10 && each.playState === 'running').length);
    assert.equal(moving, 0, 'something moves');
    await zoomed.context.close();
  });

  it('runs no script of anybody: names, messages, notes, labels and fields of 150 payloads', async () => {
    const list = JSON.stringify(HOSTILE).replaceAll("'", "''");
    const all = `jsonb_array_elements_text('${list}'::jsonb) WITH ORDINALITY AS h(text, n)`;
    const at = `(SELECT m.* FROM messages m WHERE m.content->>'text' = 'o pedido é o 20931' LIMIT 1)`;
    // As a customer writes them, and as colleagues do.
    await set.stack.sql(`INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, provider_message_id, created_at)
      SELECT m.account_id, m.conversation_id, m.connection_id, m.contact_id, 'in', 'contact', 'text', jsonb_build_object('kind', 'text', 'text', h.text), 'received', 'hostile.' || h.n, now()
      FROM ${at} m, ${all}`);
    const account = await set.stack.sql(`SELECT account_id FROM ${at} m`);
    const conversation = await set.stack.sql(`SELECT conversation_id FROM ${at} m`);
    await set.stack.sql(`INSERT INTO labels (account_id, name, color) SELECT ${account}, left(h.text, 55) || ' ' || h.n, '#0f766e' FROM ${all}`);
    await set.stack.sql(`INSERT INTO custom_fields (account_id, entity, key, name, kind) SELECT ${account}, 'contact', 'hostil_' || h.n, left(h.text, 55) || ' ' || h.n, 'text' FROM ${all} WHERE h.n <= 40`);
    await set.stack.sql(`INSERT INTO contact_labels (account_id, contact_id, label_id) SELECT ${account}, v.contact_id, l.id FROM conversations v, labels l
      WHERE v.id = ${conversation} AND l.account_id = ${account} AND l.name ~ ' [0-9]+$'`);
    await set.stack.sql(`INSERT INTO contact_notes (account_id, contact_id, text) SELECT ${account}, v.contact_id, h.text FROM conversations v, ${all} WHERE v.id = ${conversation} AND h.n <= 40`);
    const names = HOSTILE.map((text) => text.slice(0, 100));
    for (const place of [0, 37, 74, 111, 148]) {
      const name = names[place].replaceAll("'", "''");
      await set.stack.sql(`UPDATE contacts SET name = '${name}', custom_values = (SELECT jsonb_object_agg('hostil_' || h.n, h.text) FROM ${all} WHERE h.n <= 40)
        WHERE id = (SELECT contact_id FROM conversations WHERE id = ${conversation})`);
      await desk.go(`/conversas/${await set.stack.sql(`SELECT number FROM conversations WHERE id = ${conversation}`)}`);
      await desk.log.waitFor();
      await desk.details.getByText('Etiquetas').first().waitFor();
      await desk.log.getByRole('article').first().waitFor();
      await desk.log.getByText('pwned').first().waitFor();
      // Older messages come into the page by the wheel.
      for (let turn = 0; turn < 6; turn += 1) {
        await desk.log.hover();
        await ana.page.mouse.wheel(0, -4000);
      }
      assert.equal(await ana.page.evaluate(() => window.pwned), undefined, `${names[place]} ran`);
    }
    for (const page of ['/conversas?visao=todos', '/ajustes?secao=etiquetas', '/ajustes?secao=campos']) {
      await desk.go(page);
      await ana.page.getByRole('heading').first().waitFor();
      await ana.page.waitForLoadState('networkidle');
      assert.equal(await ana.page.evaluate(() => window.pwned), undefined, `${page} ran something`);
    }
  });

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
