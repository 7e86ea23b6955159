// What administrators set up for the desk: in the console, against a real stack.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { Console } from '../console.mjs';
import { stage } from '../story.mjs';

describe('the settings of the desk', () => {
  const set = stage();
  let ana;
  let page;

  const open = async (section) => {
    await ana.go(`/ajustes?secao=${section}`);
    await page.getByRole('heading', { level: 2 }).first().waitFor();
  };
  const names = () => page.getByRole('button', { name: /^Mover / }).evaluateAll((handles) => handles.map((handle) => handle.getAttribute('aria-label').replace('Mover ', '')));
  const save = async (dialog) => {
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    await dialog.waitFor({ state: 'detached' });
  };

  it('opens for an administrator', async () => {
    const person = await set.browser.person('Ana');
    page = person.page;
    ana = new Console(page, set.stack.urls.base);
    await ana.enterBy(await set.stack.loginLink());
  });

  it('makes a queue with members, which stays after a reload (rules 030, 031)', async () => {
    await open('filas');
    await page.getByRole('button', { name: 'Nova fila' }).click();
    const dialog = page.getByRole('dialog', { name: 'Nova fila' });
    await dialog.getByRole('textbox', { name: 'Nome' }).fill('Pós-venda');
    await dialog.getByRole('radio', { name: 'Rosa' }).check({ force: true });
    await dialog.getByRole('combobox', { name: 'Quem é da fila' }).fill('Carla');
    await page.getByRole('option', { name: /Carla Menezes/ }).click();
    await dialog.getByRole('checkbox', { name: 'Só quem atende escreve' }).check();
    await dialog.getByRole('spinbutton', { name: /^Prazo da atribuição/ }).fill('45');
    assert.deepEqual(await violations(page), []);
    await save(dialog);
    await page.reload();
    const row = page.getByRole('listitem').filter({ hasText: 'Pós-venda' });
    await row.getByText('1 pessoa').waitFor();
    await row.getByText('Volta à fila em 45 minutos').waitFor();
  });

  it('says at the field that a name is taken, in the reader’s language', async () => {
    await page.getByRole('button', { name: 'Nova fila' }).click();
    const dialog = page.getByRole('dialog', { name: 'Nova fila' });
    await dialog.getByRole('textbox', { name: 'Nome' }).fill('pós-venda');
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    await dialog.getByText('Já existe um item com este nome.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('orders the queues by the keyboard and by dragging, and keeps the order', async () => {
    const before = await names();
    await page.getByRole('button', { name: 'Mover Pós-venda' }).focus();
    const stored = page.waitForResponse((answer) => answer.url().endsWith('/v1/queues/order'));
    await page.keyboard.press('ArrowUp');
    assert.equal((await stored).status(), 200);
    const after = await names();
    assert.equal(after.indexOf('Pós-venda'), before.indexOf('Pós-venda') - 1);
    const handle = await page.getByRole('button', { name: `Mover ${after[0]}` }).boundingBox();
    const last = await page.getByRole('button', { name: `Mover ${after.at(-1)}` }).boundingBox();
    const dragged = page.waitForResponse((answer) => answer.url().endsWith('/v1/queues/order'));
    await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
    await page.mouse.down();
    await page.mouse.move(last.x + last.width / 2, last.y + last.height, { steps: 8 });
    await page.mouse.up();
    assert.equal((await dragged).status(), 200);
    await page.reload();
    await page.getByRole('button', { name: /^Mover / }).first().waitFor();
    assert.deepEqual(await names(), [...after.slice(1), after[0]]);
  });

  it('refuses to archive the queue that a connection puts new conversations into, and says which', async () => {
    await page.getByRole('button', { name: 'Arquivar Suporte' }).click();
    await page.getByText('A conexão Suporte WhatsApp 01 põe conversas novas nesta fila.').first().waitFor();
  });

  it('archives at once, and the toast takes it back', async () => {
    await page.getByRole('button', { name: 'Arquivar Pós-venda' }).click();
    await page.getByRole('button', { name: 'Desfazer' }).click();
    await page.getByRole('button', { name: 'Arquivar Pós-venda' }).waitFor();
  });

  it('makes a label, a field that closing demands and a closing reason (rules 157, 190, 201)', async () => {
    await open('etiquetas');
    await page.getByRole('button', { name: 'Nova etiqueta' }).click();
    const label = page.getByRole('dialog', { name: 'Nova etiqueta' });
    await label.getByRole('textbox', { name: 'Nome' }).fill('Atacado');
    await save(label);
    await page.getByRole('button', { name: 'Arquivar Atacado' }).waitFor();

    await open('campos');
    await page.getByRole('button', { name: 'Novo campo' }).click();
    const field = page.getByRole('dialog', { name: 'Novo campo' });
    await field.getByRole('textbox', { name: 'Nome' }).fill('Satisfação');
    await field.getByRole('combobox', { name: 'De quem é' }).selectOption('Atendimento');
    await field.getByRole('combobox', { name: 'Tipo' }).selectOption('Número');
    await field.getByRole('combobox', { name: 'Ao fechar o atendimento' }).selectOption('Pergunta, obrigatório');
    await save(field);
    await page.getByRole('listitem').filter({ hasText: 'satisfacao' }).getByText('Atendimento · Número · Pergunta, obrigatório').waitFor();

    await open('motivos');
    await page.getByRole('button', { name: 'Novo motivo' }).click();
    const reason = page.getByRole('dialog', { name: 'Novo motivo' });
    await reason.getByRole('textbox', { name: 'Nome' }).fill('Engano');
    await save(reason);
    await page.getByRole('button', { name: 'Arquivar Engano' }).waitFor();
  });

  it('shows another administrator the change while their page is open', async () => {
    const other = await set.browser.person('Ana em outra tela');
    const second = new Console(other.page, set.stack.urls.base);
    await second.enterBy(await set.stack.loginLink());
    await second.go('/ajustes?secao=motivos');
    await other.page.getByRole('button', { name: 'Arquivar Engano' }).waitFor();
    await page.getByRole('button', { name: 'Arquivar Engano' }).click();
    await other.page.getByRole('button', { name: 'Arquivar Engano' }).waitFor({ state: 'detached' });
  });

  it('shows an agent the profile alone', async () => {
    const carla = await set.browser.person('Carla');
    const console_ = new Console(carla.page, set.stack.urls.base);
    await console_.enterBy(await set.stack.loginLink('carla@loja.example'));
    await console_.go('/ajustes?secao=filas');
    await carla.page.getByRole('heading', { level: 2, name: 'Meu perfil' }).waitFor();
    assert.equal(await carla.page.getByRole('link', { name: 'Filas' }).count(), 0);
  });
});
