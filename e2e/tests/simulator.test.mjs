// A designer tries a draft before anybody gets it: the phone next to the drawing, time travel, a pinned answer, and a change.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { NARROW } from '../browser.mjs';
import { Console } from '../console.mjs';
import { stage } from '../story.mjs';

const DRAFT = {
  spec_version: 1,
  name: 'Frete',
  category: 'initial',
  start: 'menu',
  triggers: [{ id: 'palavra', kind: 'keyword', settings: { words: ['frete'] } }],
  variables: [{ name: 'preco', type: 'number' }],
  nodes: [
    { id: 'menu', kind: 'menu', name: 'Para onde', settings: { text: 'Para onde, {{ contact.name }}?', timeout: '2h', options: [{ id: 'recife', title: 'Recife' }, { id: 'outra', title: 'Outra cidade' }] }, outputs: { recife: 'consulta', outra: 'tchau', timeout: 'tchau' } },
    { id: 'consulta', kind: 'http', name: 'Consulta', settings: { url: 'https://frete.example/recife', save: [{ to: 'preco', path: '$.preco' }] }, outputs: { ok: 'preco', failed: 'tchau' } },
    { id: 'preco', kind: 'content', name: 'Preço', settings: { items: [{ kind: 'text', text: 'Custa {preco} reais.' }] }, outputs: { ok: 'fim' } },
    { id: 'tchau', kind: 'content', name: 'Tchau', settings: { items: [{ kind: 'text', text: 'Até logo!' }] }, outputs: { ok: 'fim' } },
    { id: 'fim', kind: 'end' },
  ],
};

describe('a draft that a designer tries', () => {
  const set = stage();
  let page;
  let desk;
  let phone;

  it('opens a phone next to the drawing, which says that nothing reaches a person', async () => {
    const ana = await set.browser.person('Ana');
    page = ana.page;
    desk = new Console(page, set.stack.urls.base);
    await desk.enterBy(await set.stack.loginLink());
    await desk.go('/fluxos');
    await page.getByRole('heading', { level: 1, name: 'Fluxos' }).waitFor();
    // The flow is made by the console's own session.
    const id = await page.evaluate(async (draft) => {
      const answer = await fetch('/v1/flows', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: draft.name, category: draft.category, draft }) });
      return (await answer.json()).id;
    }, DRAFT);
    await desk.go(`/fluxos/${id}/editar`);
    await page.locator('.react-flow__node').filter({ hasText: 'Para onde' }).first().waitFor();
    await page.keyboard.press('t');
    phone = page.getByRole('region', { name: 'Experimentar' });
    await phone.getByText(/nada chega a ninguém/).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  it('tells where it stands, and what happens when no answer comes (rule D09)', async () => {
    await phone.getByRole('textbox', { name: 'Escreva como o contato' }).fill('frete');
    await page.keyboard.press('Enter');
    await phone.getByText('Para onde, Maria Souza?').waitFor();
    await phone.getByRole('button', { name: 'Está em Para onde' }).waitFor();
    await page.locator('.react-flow__node').filter({ hasText: 'Para onde' }).locator('[data-lit]').waitFor();
    await phone.getByRole('button', { name: 'Simular sem resposta' }).click();
    await phone.getByText('Até logo!').waitFor();
    await phone.getByText('A conversa terminou.').waitFor();
    await phone.getByRole('button', { name: 'Voltar um passo' }).click();
    await phone.getByText('Até logo!').waitFor({ state: 'detached' });
  });

  it('asks what another system would answer, pins it, and shows the pin on the block', async () => {
    await phone.getByRole('button', { name: 'Recife' }).click();
    await phone.getByText('Consulta chama outro sistema').waitFor();
    await phone.getByRole('textbox', { name: 'Corpo' }).fill('{"preco": 12}');
    assert.deepEqual(await violations(page), []);
    await phone.getByRole('button', { name: 'Responder sempre assim' }).click();
    await phone.getByText('Custa 12 reais.').waitFor();
    await phone.getByText('Resposta fixada: 200').waitFor();
    await page.locator('.react-flow__node').filter({ hasText: 'Consulta' }).getByRole('img', { name: /fixada/ }).first().waitFor();
  });

  it('plays the same conversation again after the draft was changed', async () => {
    await page.locator('.react-flow__node').filter({ hasText: 'Custa' }).first().click();
    await page.getByRole('complementary', { name: 'Ajustes de Preço' }).getByRole('combobox', { name: /^Texto/ }).fill('São {preco} reais, com entrega.');
    await phone.getByText('São 12 reais, com entrega.').waitFor();
    await phone.getByRole('button', { name: 'Recomeçar' }).click();
    await phone.getByText(/nada chega a ninguém/).waitFor();
  });

  it('reads well on a phone and in the dark', async () => {
    await page.getByRole('status').filter({ hasText: /^Salvo$/ }).waitFor();
    const night = await set.browser.person('Ana no escuro', { colorScheme: 'dark', viewport: NARROW });
    const dark = new Console(night.page, set.stack.urls.base);
    await dark.enterBy(await set.stack.loginLink());
    await night.page.goto(page.url());
    await night.page.getByRole('button', { name: 'Experimentar' }).click();
    const sheet = night.page.getByRole('dialog', { name: 'Experimentar' });
    await sheet.getByRole('textbox', { name: 'Escreva como o contato' }).fill('frete');
    await night.page.keyboard.press('Enter');
    await sheet.getByText('Para onde, Maria Souza?').waitFor();
    assert.deepEqual(await violations(night.page), []);
  });

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
