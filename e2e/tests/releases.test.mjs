// A flow changes while a customer waits in it: saved tests, a publication that takes her along, and the way back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

const draft = (thanks) => ({
  spec_version: 1,
  name: 'Clube',
  category: 'initial',
  start: 'pergunta',
  triggers: [{ id: 'palavra', kind: 'keyword', settings: { words: ['clube'] } }],
  nodes: [
    { id: 'pergunta', kind: 'question', name: 'Cidade', settings: { text: 'De que cidade você fala?', answer: 'text' }, outputs: { ok: 'obrigado' } },
    { id: 'obrigado', kind: 'content', name: 'Obrigado', settings: { items: [{ kind: 'text', text: thanks }] }, outputs: { ok: 'fim' } },
    { id: 'fim', kind: 'end' },
  ],
});

describe('a flow that changes while it is used', () => {
  const set = stage();
  let page;
  let desk;
  let maria;
  let id;
  const ask = (method, path, body, headers = {}) =>
    page.evaluate(
      async ([how, where, what, more]) => {
        const answer = await fetch(where, { method: how, headers: { 'Content-Type': 'application/json', ...more }, ...(what && { body: JSON.stringify(what) }) });
        return { status: answer.status, body: await answer.json() };
      },
      [method, path, body, headers],
    );

  it('keeps a conversation as a test, which passes', async () => {
    const ana = await set.browser.person('Ana', { reducedMotion: 'reduce' });
    page = ana.page;
    desk = new Console(page, set.stack.urls.base);
    await desk.enterBy(await set.stack.loginLink());
    const made = await ask('POST', '/v1/flows', { name: 'Clube', category: 'initial', draft: draft('Obrigado, até já!') });
    assert.equal(made.status, 201);
    id = made.body.id;
    await desk.go(`/fluxos/${id}/editar`);
    await page.locator('.react-flow__node').filter({ hasText: 'Cidade' }).first().waitFor();
    await page.keyboard.press('t');
    const phone = page.getByRole('region', { name: 'Experimentar' });
    const field = phone.getByRole('textbox', { name: 'Escreva como o contato' });
    await field.fill('clube');
    await field.press('Enter');
    await phone.getByText('De que cidade você fala?').waitFor();
    await field.fill('Olinda');
    await field.press('Enter');
    await phone.getByText('Obrigado, até já!').waitFor();
    await phone.getByRole('button', { name: 'Salvar como teste' }).click();
    const dialog = page.getByRole('dialog', { name: 'Salvar como teste' });
    await dialog.getByRole('textbox', { name: /Nome do teste/ }).fill('Diz a cidade');
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Salvar o teste' }).click();
    await dialog.waitFor({ state: 'detached' });
    await phone.getByRole('button', { name: 'Testes salvos' }).click();
    const tests = page.getByRole('dialog', { name: 'Testes salvos' });
    await tests.getByText('1 teste passou').waitFor();
    await tests.getByRole('checkbox', { name: 'Impedir a publicação quando um teste falha' }).check();
    assert.deepEqual(await violations(page), []);
    await tests.getByRole('button', { name: 'Fechar' }).click();
    await page.getByRole('status').filter({ hasText: /^Salvo$/ }).waitFor();
    await page.getByRole('button', { name: 'Publicar', exact: true }).click();
    const publish = page.getByRole('dialog', { name: 'Publicar a versão 1' });
    await publish.getByText('1 teste passou').waitFor();
    await publish.getByRole('button', { name: 'Publicar agora' }).click();
    await publish.waitFor({ state: 'detached' });
  });

  it('takes a customer who waits to the new version, where the designer asks for it (rule D08)', async () => {
    maria = new Phone((await set.browser.person('Maria Souza')).page, { name: 'Maria Souza', url: set.stack.urls.phone });
    await maria.open();
    await maria.say('clube');
    await maria.reads('De que cidade você fala?');

    const before = (await ask('GET', `/v1/flows/${id}`)).body;
    const changed = draft('Bem-vinda ao clube!');
    const saved = await ask('PUT', `/v1/flows/${id}/draft`, { draft: { ...changed, ui: before.draft.ui } }, { 'If-Match': `"${before.draft_revision}"` });
    assert.equal(saved.status, 200);
    await desk.go(`/fluxos/${id}/editar`);
    await page.locator('.react-flow__node').filter({ hasText: 'Cidade' }).first().waitFor();
    await page.getByRole('button', { name: 'Publicar', exact: true }).click();
    const publish = page.getByRole('dialog', { name: 'Publicar a versão 2' });
    // The test says what differs, and stops it.
    await publish.getByText(/Primeira diferença no passo 2/).waitFor();
    assert.equal(await publish.getByRole('button', { name: 'Publicar agora' }).isDisabled(), true);
    assert.deepEqual(await violations(page), []);
    await publish.getByRole('button', { name: 'Cancelar' }).click();
    await page.keyboard.press('t');
    await page.getByRole('region', { name: 'Experimentar' }).getByRole('button', { name: 'Testes salvos' }).click();
    const tests = page.getByRole('dialog', { name: 'Testes salvos' });
    await tests.getByRole('button', { name: 'Aceitar como está agora' }).click();
    await tests.getByText('1 teste passou').waitFor();
    await tests.getByRole('button', { name: 'Fechar' }).click();
    await page.getByRole('status').filter({ hasText: /^Salvo$/ }).waitFor();
    await page.getByRole('button', { name: 'Publicar', exact: true }).click();
    await publish.getByText('1 conversa continua na versão 1 até terminar.').waitFor();
    await publish.getByRole('checkbox', { name: 'Levar para esta versão quem espera' }).check();
    await publish.getByRole('button', { name: 'Publicar agora' }).click();
    await publish.waitFor({ state: 'detached' });

    for (;;) {
      const { move } = (await ask('GET', `/v1/flows/${id}/versions/2`)).body;
      if (move && !move.running) {
        assert.deepEqual(move, { running: false, moved: 1, kept: 0 });
        break;
      }
    }
    await maria.say('Olinda');
    await maria.reads('Bem-vinda ao clube!');
  });

  it('compares versions and goes back to the first one with a press', async () => {
    await page.getByRole('button', { name: 'Versões' }).click();
    const versions = page.getByRole('dialog', { name: 'Versões' });
    await versions.getByText('1 conversa veio para ela, na sua ficaram 0').waitFor();
    await versions.getByRole('button', { name: /^Versão 1/ }).click();
    await versions.getByRole('button', { name: 'Lado a lado' }).click();
    const both = page.getByRole('dialog', { name: 'Versão 1 e o rascunho' });
    await both.getByText('Obrigado, até já!').waitFor();
    await both.getByText('Bem-vinda ao clube!').waitFor();
    assert.deepEqual(await violations(page), []);
    await both.getByRole('button', { name: 'Fechar' }).click();
    await versions.getByRole('button', { name: 'Publicar de novo' }).click();
    const again = page.getByRole('dialog', { name: 'Voltar à versão 1' });
    assert.deepEqual(await violations(page), []);
    await again.getByRole('button', { name: 'Publicar agora' }).click();
    await again.waitFor({ state: 'detached' });
    await versions.getByRole('button', { name: /^Versão 3/ }).waitFor();
  });
});
