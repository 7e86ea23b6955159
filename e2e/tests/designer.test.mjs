// A designer's day: a menu from an empty canvas, by mouse and again by keys alone, broken and told, published, and a customer
// who gets it. Then a second designer, whose draft is not lost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { NARROW } from '../browser.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

describe('a flow that a designer draws', () => {
  const set = stage();
  let ana;
  let page;
  let desk;
  let maria;

  const node = (name, where = page) => where.locator('.react-flow__node').filter({ hasText: name }).first();
  const panel = (name, where = page) => where.getByRole('complementary', { name: `Ajustes de ${name}` });
  const palette = (where = page) => where.getByRole('dialog', { name: /^(Adicionar bloco|O que colocar aqui\?)$/ });
  const saved = (where = page) => where.getByRole('status').filter({ hasText: /^Salvo$/ }).waitFor();
  /** The handle of an output on a node's face. */
  const handle = (name, output) => node(name).getByRole('listitem').filter({ hasText: output }).locator('.react-flow__handle');
  const fit = () => page.getByRole('button', { name: 'Ajustar à tela' }).click();
  const publish = async (number) => {
    const dialog = page.getByRole('dialog', { name: `Publicar a versão ${number}` });
    await dialog.waitFor();
    return dialog;
  };

  it('begins empty, and the empty canvas teaches', async () => {
    // Nothing glides for her: a press meets the place where a block is, on a slow machine too.
    ana = await set.browser.person('Ana', { reducedMotion: 'reduce' });
    page = ana.page;
    desk = new Console(page, set.stack.urls.base);
    await desk.enterBy(await set.stack.loginLink());
    await desk.go('/fluxos');
    await page.getByRole('button', { name: 'Novo fluxo' }).click();
    const dialog = page.getByRole('dialog', { name: 'Novo fluxo' });
    await dialog.getByRole('textbox', { name: 'Nome' }).fill('Horta');
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Criar e desenhar' }).click();
    await page.getByRole('heading', { name: 'Por onde a conversa começa?' }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  it('grows by the mouse: a menu, what each answer leads to, and the word that starts it (rules 175, 176)', async () => {
    await page.getByRole('button', { name: /^Menu Opções para escolher/ }).click();
    const menu = panel('Menu');
    await menu.getByRole('combobox', { name: /^Pergunta do menu/ }).fill('O que você procura?');
    await menu.getByRole('combobox', { name: /^Título/ }).first().fill('Mudas');
    await menu.getByRole('combobox', { name: /^Título/ }).nth(1).fill('Falar com a loja');
    await node('O que você procura?').getByText('Mudas').waitFor();

    // An output is pulled into nothing: the palette asks what comes there.
    // Hovering waits until the canvas stands still, which asking for a place does not.
    await handle('O que você procura?', 'Mudas').hover();
    const from = await handle('O que você procura?', 'Mudas').boundingBox();
    await page.mouse.down();
    await page.mouse.move(from.x + 150, from.y - 90, { steps: 6 });
    await page.mouse.up();
    await palette().getByRole('combobox').fill('texto');
    await palette().getByRole('option', { name: 'Texto', exact: true }).click();
    await panel('Texto').getByRole('combobox', { name: /^Texto/ }).fill('Temos mudas de manjericão, {primeiro_nome}.');
    await node('Temos mudas').waitFor();

    // A press on a handle asks the same. What was added pushed the rest aside: all of it is shown again.
    await fit();
    await handle('Temos mudas', 'segue').click();
    await palette().getByRole('combobox').fill('terminar');
    await palette().getByRole('option', { name: 'Fim', exact: true }).click();
    await panel('Fim').waitFor();
    await fit();
    await handle('O que você procura?', 'Falar com a loja').click();
    await palette().getByRole('combobox').fill('humano');
    await page.keyboard.press('Enter');
    await panel('Transferir para fila').getByRole('combobox', { name: 'Fila', exact: true }).fill('Vendas');
    await page.getByRole('option', { name: 'Vendas' }).click();

    await fit();
    await page.locator('.react-flow__node').filter({ hasText: 'Quando começa' }).click();
    const flow = page.getByRole('complementary', { name: 'Ajustes do fluxo' });
    await flow.getByRole('button', { name: 'Tirar Mensagem recebida' }).click();
    await flow.getByRole('button', { name: 'Adicionar um começo' }).click();
    await page.getByRole('menuitem', { name: 'Palavra-chave' }).click();
    await flow.getByRole('textbox', { name: /^Palavras/ }).fill('horta');
    await page.locator('.react-flow__node').filter({ hasText: 'Palavra-chave: horta' }).waitFor();
    await saved();
    assert.deepEqual(await violations(page), []);
  });

  it('is undone and done again by name', async () => {
    await page.getByRole('button', { name: /^Desfazer: mudar o fluxo/ }).click();
    await page.getByRole('button', { name: /^Refazer: mudar o fluxo/ }).click();
    await page.locator('.react-flow__node').filter({ hasText: 'Palavra-chave: horta' }).waitFor();
  });

  it('tells what is broken, goes there, and does not publish it, but saves it', async () => {
    await node('O que você procura?').click();
    await panel('Menu').getByRole('combobox', { name: /^Pergunta do menu/ }).fill('');
    await saved();
    await page.getByRole('button', { name: 'Publicar', exact: true }).click();
    const dialog = await publish(1);
    await dialog.getByRole('alert').filter({ hasText: 'impede' }).waitFor();
    assert.equal(await dialog.getByRole('button', { name: 'Publicar agora' }).isDisabled(), true);
    await dialog.getByRole('button', { name: 'Ver os erros' }).click();
    await page.getByRole('region', { name: 'Problemas do rascunho' }).getByRole('button', { name: /^Erro ?Menu/ }).first().click();
    const field = panel('Menu').getByRole('combobox', { name: /^Pergunta do menu/ });
    await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
    await field.fill('O que você procura?');
    await saved();
  });

  it('is published, and a customer gets the menu and the answer', async () => {
    await page.getByRole('button', { name: 'Publicar', exact: true }).click();
    const dialog = await publish(1);
    await dialog.getByText('É a primeira versão, com 4 blocos.').waitFor();
    await dialog.getByRole('textbox', { name: 'Nota da versão' }).fill('Primeira');
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Publicar agora' }).click();
    await dialog.waitFor({ state: 'detached' });
    const phones = await set.browser.person('Celular', { viewport: NARROW });
    maria = new Phone(phones.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    await maria.open();
    await maria.say('horta');
    await maria.reads('O que você procura?');
    await maria.tap('Mudas');
    await maria.reads('Temos mudas de manjericão, Maria.');
  });

  it('is drawn again by keys alone', async () => {
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    /** Tabs until something has the focus, as a person does who sees where it is. */
    const tabTo = async (target) => {
      await target.waitFor();
      for (let turns = 0; turns < 200; turns += 1) {
        if (await target.evaluate((element) => element === document.activeElement)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error('the keyboard does not get there');
    };
    const write = async (text) => {
      await press('Control+A');
      await page.keyboard.type(text);
    };
    const focusIn = (text) => page.waitForFunction((wanted) => document.activeElement instanceof HTMLElement && 'value' in document.activeElement && document.activeElement.value === wanted, text);

    await desk.go('/fluxos');
    await page.getByRole('heading', { level: 1, name: 'Fluxos' }).waitFor();
    await tabTo(page.getByRole('button', { name: 'Novo fluxo' }));
    await press('Enter');
    await page.getByRole('dialog', { name: 'Novo fluxo' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'name');
    await page.keyboard.type('Pomar');
    await press('Enter');
    await page.getByRole('heading', { name: 'Por onde a conversa começa?' }).waitFor();

    await press('n');
    await palette().waitFor();
    await page.keyboard.type('menu');
    await press('Enter');
    await palette().waitFor({ state: 'detached' });
    await focusIn('Como posso ajudar?');
    await write('Qual fruta?');
    const title = (place) => panel('Menu').getByRole('combobox', { name: /^Título/ }).nth(place);
    await tabTo(title(0));
    await write('Jabuticaba');
    await tabTo(title(1));
    await write('Pitanga');
    await press('Escape');
    for (const [fruit, answer] of [
      ['Jabuticaba', 'A jabuticaba chega em outubro.'],
      ['Pitanga', 'A pitanga chega em novembro.'],
    ]) {
      // N goes on from the first answer of the menu that leads nowhere yet.
      await press('n');
      await palette().waitFor();
      await page.keyboard.type('mensagem dizer');
      await press('Enter');
      await palette().waitFor({ state: 'detached' });
      await focusIn('Olá, {primeiro_nome}!');
      await write(answer);
      await node(answer).waitFor();
      await press('Escape', 'n');
      await palette().waitFor();
      await page.keyboard.type('fim');
      await press('Enter');
      await panel('Fim').waitFor();
      await palette().waitFor({ state: 'detached' });
      await page.waitForFunction(() => document.activeElement?.closest('[data-path="outcome"]') !== null);
      await press('Escape', '/');
      await page.getByRole('dialog', { name: 'Buscar no fluxo' }).waitFor();
      await page.keyboard.type('Qual fruta');
      await press('Enter');
      await panel('Menu').waitFor();
      assert.notEqual(await panel('Menu').getByRole('combobox', { name: fruit, exact: true }).inputValue(), '');
    }
    await press('k');
    await page.getByRole('complementary', { name: 'Ajustes do fluxo' }).waitFor();
    await press('Enter');
    const flow = page.getByRole('complementary', { name: 'Ajustes do fluxo' });
    await tabTo(flow.getByRole('button', { name: 'Adicionar um começo' }));
    await press('Enter');
    await page.getByRole('menuitem', { name: 'Palavra-chave' }).waitFor();
    await page.keyboard.type('Pal');
    await press('Enter');
    await flow.getByRole('textbox', { name: /^Palavras/ }).waitFor();
    await tabTo(flow.getByRole('textbox', { name: /^Palavras/ }));
    await page.keyboard.type('pomar');
    await press('Escape');
    await saved();
    await tabTo(page.getByRole('button', { name: 'Publicar', exact: true }));
    await press('Enter');
    const dialog = await publish(1);
    await tabTo(dialog.getByRole('button', { name: 'Publicar agora' }));
    await press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await maria.say('pomar');
    await maria.reads('Qual fruta?');
    await maria.tap('Pitanga');
    await maria.reads('A pitanga chega em novembro.');
  });

  it('shows a second designer both drafts, and overwrites neither', async () => {
    await desk.go('/fluxos');
    await page.getByRole('link', { name: 'Horta' }).click();
    await page.getByRole('link', { name: 'Desenhar' }).click();
    await node('O que você procura?').waitFor();
    const other = await ana.context.newPage();
    await other.goto(page.url());
    await node('O que você procura?', other).click();
    await panel('Menu', other).getByRole('combobox', { name: /^Pergunta do menu/ }).fill('Em que posso ajudar?');
    await saved(other);

    await node('Temos mudas').click();
    await panel('Texto').getByRole('combobox', { name: /^Texto/ }).fill('Temos mudas de hortelã.');
    const dialog = page.getByRole('dialog', { name: 'Duas pessoas mudaram este fluxo' });
    await dialog.waitFor();
    await dialog.getByRole('region', { name: 'O seu rascunho' }).getByText(/^Mudou: Texto/).waitFor();
    await dialog.getByRole('region', { name: 'O rascunho salvo' }).getByText(/^Mudou: Menu/).waitFor();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Ficar com o salvo' }).click();
    await node('Em que posso ajudar?').waitFor();
    // Undo brings this draft back.
    await page.getByRole('button', { name: /^Desfazer: ficar com a versão/ }).click();
    await node('Temos mudas de hortelã.').waitFor();
    await saved();
    await other.close();
  });

  it('reads well in the dark, as a list and on a phone', async () => {
    const dark = await set.browser.person('Ana no escuro', { colorScheme: 'dark' });
    const night = new Console(dark.page, set.stack.urls.base);
    await night.enterBy(await set.stack.loginLink());
    await dark.page.goto(page.url());
    await node('Temos mudas', dark.page).click();
    await panel('Texto', dark.page).waitFor();
    assert.deepEqual(await violations(dark.page), []);
    await dark.page.getByRole('group', { name: 'Como ver o fluxo' }).getByText('Lista', { exact: true }).click();
    await dark.page.getByRole('button', { name: /^Texto Temos mudas/ }).waitFor();
    assert.deepEqual(await violations(dark.page), []);
    await dark.page.setViewportSize(NARROW);
    await dark.page.getByRole('button', { name: /^Texto Temos mudas/ }).click();
    await dark.page.getByRole('dialog', { name: 'Ajustes de Texto' }).waitFor();
    assert.deepEqual(await violations(dark.page), []);
  });

  it('nobody’s page broke', () => assert.deepEqual(set.browser.errors, []));
});
