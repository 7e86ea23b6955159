// A broadcast from a pasted list to the last figure: who gets it, as whom, a test that stops it, an answer that opts out.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

describe('a broadcast', () => {
  const set = stage();
  let ana;
  let desk;
  let joao;

  it('begins with João, who never wrote', async () => {
    ana = await set.browser.person('Ana');
    desk = new Console(ana.page, set.stack.urls.base);
    await desk.enterBy(await set.stack.loginLink('ana@loja.example'));
    const phones = await set.browser.person('Celular');
    joao = new Phone(phones.page, { name: 'João Lima', url: set.stack.urls.phone });
    await joao.open();
  });

  it('teaches where there is none, and is made from a list', async () => {
    await desk.go('/transmissoes');
    await ana.page.getByText('Nenhuma transmissão ainda').waitFor();
    assert.deepEqual(await violations(ana.page), []);
    await ana.page.getByRole('button', { name: 'Nova transmissão' }).first().click();
    await ana.page.getByLabel('Nome', { exact: true }).fill('Retomada de dezembro');
    await ana.page.getByLabel('Público').selectOption('Uma lista de números');
    await ana.page.getByLabel('Lista', { exact: true }).fill('telefone;nome;apelido\n81 98888-0002;João;Jão\n+55 81 8888-0002;De novo;Jão\n+5581977770001;Zeca;');
    await ana.page.getByText('3 linhas lidas · colunas: {apelido}').waitFor();
    await ana.page.getByLabel('Modelo').selectOption('retomar_atendimento · pt_BR');
    await ana.page.getByLabel('Variável nome').fill('{apelido}');
    await ana.page.getByLabel('O que a pessoa lê ao sair').fill('Pronto, você não recebe mais.');
    await ana.page.getByText('2 pessoas recebem').waitFor();
    await ana.page.getByText(/Oi Jão, ficamos de voltar a falar/).first().waitFor();
    assert.deepEqual(await violations(ana.page), []);
  });

  it('reaches each person once, and leaves out who has no value', async () => {
    await ana.page.getByRole('button', { name: 'Enviar', exact: true }).click();
    await ana.page.getByRole('dialog', { name: 'Enviar para 2 pessoas?' }).getByRole('button', { name: 'Enviar' }).click();
    await joao.reads('Oi Jão, ficamos de voltar a falar');
    await ana.page.getByText('Concluída').waitFor();
    await ana.page.getByText(/falta um valor do modelo: apelido/).waitFor();
    await ana.page.getByText('repetido na lista').first().waitFor();
    assert.equal(await set.stack.sql("SELECT count(*) FROM messages WHERE origin = 'broadcast'"), '1');
    assert.deepEqual(await violations(ana.page), []);
  });

  it('counts an answer, and one of its words stops broadcasts (rule 187)', async () => {
    await joao.say('SAIR');
    await joao.reads('Pronto, você não recebe mais.');
    await ana.page.reload();
    await ana.page.getByRole('link', { name: /1\s*Saíram/ }).click();
    await ana.page.getByRole('cell', { name: /^saiu / }).waitFor();
    await ana.page.getByRole('link', { name: 'João' }).first().click();
    await ana.page.getByText('O contato pediu para sair das transmissões (Retomada de dezembro)').waitFor();
    assert.equal(await set.stack.sql("SELECT broadcast_enabled FROM contacts WHERE phone LIKE '%88880002'"), 'f');
  });
});
