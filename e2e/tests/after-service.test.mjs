// What goes out by itself around a ticket: an administrator writes the texts and a survey, an agent accepts and closes, and the
// contact reads the greeting, the farewell and the question, and answers with a grade.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { violations } from '../axe.mjs';
import { NARROW } from '../browser.mjs';
import { Console } from '../console.mjs';
import { Phone } from '../phone.mjs';
import { stage } from '../story.mjs';

describe('what goes out by itself', () => {
  const set = stage();
  let ana;
  let page;
  let desk;
  let maria;

  const act = (name) => page.getByRole('group', { name: 'Ações da conversa' }).getByRole('button', { name, exact: true });
  const dialog = () => page.getByRole('dialog');

  it('is written on one page, and a name that has no value is refused (rules 017, 047)', async () => {
    ana = await set.browser.person('Ana');
    page = ana.page;
    desk = new Console(page, set.stack.urls.base);
    await desk.enterBy(await set.stack.loginLink('ana@loja.example'));
    await desk.go('/ajustes?secao=textos');
    await page.getByRole('button', { name: 'Editar textos da conta' }).click();
    const greeting = dialog().getByRole('textbox', { name: /^Saudação do atendente/ });
    await greeting.fill('Oi, {primeiro_nome}! Aqui é {atendente}.');
    await dialog().getByRole('textbox', { name: /^Despedida/ }).fill('Até a próxima, {primeiro_nome}!');
    await dialog().getByRole('button', { name: 'Salvar' }).click();
    await dialog().getByText(/Não existe "atendente"/).waitFor();
    await greeting.fill('Oi, {primeiro_nome}! Agora falo com você.');
    assert.deepEqual(await violations(page), []);
    await dialog().getByRole('button', { name: 'Salvar' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByText('Oi, {primeiro_nome}! Agora falo com você.').first().waitFor();
    assert.deepEqual(await violations(page), []);
  });

  it('may ask for a grade, where the account says so (rule 038)', async () => {
    await desk.go('/ajustes?secao=avaliacoes');
    await page.getByRole('button', { name: 'Nova avaliação' }).click();
    await dialog().getByRole('textbox', { name: /^Nome/ }).fill('Depois do atendimento');
    await dialog().getByRole('textbox', { name: /^Pergunta$/ }).fill('Como foi o seu atendimento?');
    await dialog().getByRole('textbox', { name: /^Agradecimento/ }).fill('Obrigada pela nota!');
    await dialog().getByRole('button', { name: /^(Salvar|Criar)/ }).click();
    await dialog().waitFor({ state: 'detached' });
    const saved = page.waitForResponse((answer) => answer.url().endsWith('/v1/surveys/rule') && answer.request().method() !== 'GET');
    await page.getByRole('combobox', { name: /^Ao encerrar/ }).selectOption({ index: 1 });
    assert.equal((await saved).status(), 200);
    assert.deepEqual(await violations(page), []);
  });

  it('greets once when Ana accepts (rule 047)', async () => {
    const phones = await set.browser.person('Celular', { viewport: NARROW });
    maria = new Phone(phones.page, { name: 'Maria Souza', url: set.stack.urls.phone });
    await maria.open();
    await maria.say('Oi');
    await maria.reads('Como posso ajudar?');
    await maria.tap('Falar com atendente');
    await maria.reads('qual é o assunto');
    await maria.say('Troca');
    await maria.reads(/Chamei o Suporte|Nossa equipe atende/);
    await desk.go('/conversas?visao=todos');
    await desk.openConversation('Maria Souza');
    await act('Aceitar').click();
    await maria.reads('Oi, Maria! Agora falo com você.');
    const greeting = desk.log.getByRole('article').filter({ hasText: 'Agora falo com você' });
    await greeting.getByText('Automática').waitFor();
    assert.equal(await greeting.count(), 1);
  });

  it('shows the farewell to who closes, then asks, and takes the grade (rules 017, 155, 203)', async () => {
    await act('Encerrar').click();
    const close = page.getByRole('dialog', { name: 'Encerrar atendimento' });
    await close.getByRole('textbox', { name: /Mensagem de encerramento/ }).waitFor();
    assert.equal(await close.getByRole('textbox', { name: /Mensagem de encerramento/ }).inputValue(), 'Até a próxima, Maria!');
    await close.getByRole('combobox', { name: /Motivo/ }).selectOption('Resolvido');
    await close.getByRole('combobox', { name: /Enviar avaliação/ }).selectOption('Depois do atendimento');
    assert.deepEqual(await violations(page), []);
    await close.getByRole('button', { name: 'Encerrar', exact: true }).click();
    await close.waitFor({ state: 'detached' });
    await maria.reads('Até a próxima, Maria!');
    await maria.reads('Como foi o seu atendimento?');
    await maria.say('5');
    await maria.reads('Obrigada pela nota!');
    await desk.log.getByText(/Avaliação.*5/).first().waitFor();
    // The grade opens nothing.
    await act('Reabrir').waitFor();
  });
});
