import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setPreferences } from '@/app/preferences';
import { setOverlay } from '@/app/sheet-state';
import { expectAccessible, forgetPreferences, holdTheClockOfSending, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';
import { composing } from './compose';
import Composer from './composer';

const MARINA = 900;

afterEach(() => {
  setOverlay('none');
  vi.restoreAllMocks();
  forgetPreferences();
});

/** Opens the first conversation with an empty composer. */
async function open(prepare: (api: MockApi) => void = () => undefined) {
  for (const id of [MARINA, 901, 902]) composing.change(id, { mode: 'reply', reply: { text: '', files: [] }, note: { text: '', files: [] }, template: { id: undefined, search: '', values: {}, files: {} } });
  const app = renderApp('/conversas/1042', prepare);
  await screen.findByRole('log');
  return { ...app, user: userEvent.setup() };
}

const field = () => screen.findByRole('textbox', { name: /^Resposta para/ });
const sent = (requests: readonly string[]) => requests.filter((each) => each === `POST /v1/conversations/${MARINA}/messages`);

/** The bubble of a message. */
async function bubbleOf(id: number) {
  return await waitFor(() => {
    const found = document.getElementById(`m-${id}`);
    expect(found).not.toBeNull();
    return found!;
  });
}

/** The window of the first conversation is closed since an hour. */
function closed(api: MockApi) {
  Object.assign(api.conversations[0]!, { window_open: false, window_state: 'expired', window_expires_at: new Date(Date.now() - 3_600_000).toISOString() });
}

describe('the composer', () => {
  it('sends with Enter, begins a line with Shift+Enter, and keeps the focus', async () => {
    const { user, api, requests } = await open();
    await user.click(await field());
    await user.keyboard('Bom dia!{Shift>}{Enter}{/Shift}Tudo bem?');
    expect(await field()).toHaveValue('Bom dia!\nTudo bem?');
    await user.keyboard('{Enter}');
    expect(await field()).toHaveValue('');
    expect(await field()).toHaveFocus();
    await waitFor(() => expect(api.messages[0]).toMatchObject({ content: { kind: 'text', text: 'Bom dia!\nTudo bem?' }, origin: 'agent' }));
    expect(sent(requests)).toHaveLength(1);
    const log = screen.getByRole('log');
    await waitFor(() => expect(within(log).getAllByText(/Tudo bem\?/)).toHaveLength(1));
  });

  it('shows what was sent before the server answers, once, and in order', async () => {
    const { user, requests } = await open();
    await user.click(await field());
    await user.keyboard('um{Enter}dois{Enter}três{Enter}');
    const log = screen.getByRole('log');
    for (const words of ['um', 'dois', 'três']) expect(within(log).getAllByText(words)).toHaveLength(1);
    await waitFor(() => expect(sent(requests)).toHaveLength(3));
    await waitFor(() => expect(within(log).getAllByRole('button', { name: /^Situação da mensagem: Na fila para sair/ }).length).toBeGreaterThanOrEqual(3));
    for (const words of ['um', 'dois', 'três']) expect(within(log).getAllByText(words)).toHaveLength(1);
  });

  it('says in place why a message was refused, and gives the text back', async () => {
    const { user, api } = await open();
    await user.click(await field());
    api.conversations[0]!.window_open = false;
    await user.keyboard('chegou tarde{Enter}');
    const reason = await screen.findByRole('alert');
    expect(reason).toHaveTextContent('a janela de 24 h fechou');
    await user.click(within(reason).getByRole('button', { name: 'Voltar ao texto' }));
    expect(await field()).toHaveValue('chegou tarde');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('sends nothing that is only blank', async () => {
    const { user, requests } = await open();
    await user.click(await field());
    await user.keyboard('   {Enter}');
    expect(sent(requests)).toHaveLength(0);
    expect(screen.getByRole('button', { name: 'Enviar' })).toBeDisabled();
  });

  it('never carries a text over to another conversation, however often it is switched while typing', async () => {
    const { user, api, client } = await open();
    cleanup();
    const places = api.conversations.slice(0, 3);
    const draw = (step: number) => (
      <QueryClientProvider client={client}>
        <Composer conversation={places[step % 3]!} />
      </QueryClientProvider>
    );
    const view = render(draw(0));
    const typed: Record<number, string> = {};
    for (let step = 0; step < 100; step += 1) {
      // The same field under the same fingers, for another person.
      view.rerender(draw(step));
      const { id } = places[step % 3]!;
      screen.getByRole('textbox').focus();
      await user.keyboard(String(step % 10));
      typed[id] = (typed[id] ?? '') + String(step % 10);
    }
    for (const { id } of places) expect(composing.of(id).reply.text).toBe(typed[id]);
  });

  it('takes a picture out of the clipboard, and leaves pasted words to the field (rule 113)', async () => {
    const { user } = await open();
    await user.click(await field());
    await user.paste({ files: [], getData: () => 'só palavras', types: ['text/plain'], items: [] } as unknown as DataTransfer);
    expect(await field()).toHaveValue('só palavras');
    fireEvent.paste(await field(), { clipboardData: { files: [new File(['foto'], 'captura.png', { type: 'image/png' })] } });
    expect(await screen.findByText('captura.png')).toBeVisible();
    expect(await field()).toHaveValue('só palavras');
  });

  it('answers a message: the quote goes with it', async () => {
    const { user, api } = await open();
    const oi = api.messages.find((each) => each.content.text === 'Oi')!;
    const bubble = await bubbleOf(oi.id);
    await user.click(within(bubble).getByRole('button', { name: 'Responder a esta mensagem' }));
    await waitFor(async () => expect(await field()).toHaveFocus());
    await user.keyboard('olá{Enter}');
    await waitFor(() => expect(api.messages[0]?.content).toEqual({ kind: 'text', text: 'olá', reply_to: { message_id: oi.id } }));
  });

  it('reacts, and takes the reaction back (rule 111)', async () => {
    const { user, api } = await open((each) => {
      each.messages = each.messages.filter((message) => message.kind !== 'reaction');
    });
    const oi = api.messages.find((each) => each.content.text === 'Oi')!;
    const bubble = await bubbleOf(oi.id);
    await user.click(within(bubble).getByRole('button', { name: 'Reagir' }));
    await user.click(await screen.findByRole('button', { name: 'Reagir com 👍' }));
    expect(await within(bubble).findByRole('img', { name: 'Reagiu com 👍' })).toBeVisible();
    await waitFor(() => expect(api.messages[0]?.content).toEqual({ kind: 'reaction', reaction: { target: { message_id: oi.id }, emoji: '👍' } }));
    await user.click(within(bubble).getByRole('button', { name: 'Reagir' }));
    await user.click(await screen.findByRole('button', { name: 'Tirar 👍' }));
    await waitFor(() => expect(within(bubble).queryByRole('img', { name: 'Reagiu com 👍' })).toBeNull());
  });
});

describe('the composer while nothing can be sent', () => {
  it('offers only templates when the window is closed, and says why and since when (rules 094, 098)', async () => {
    const { user, requests, api, container } = await open(closed);
    expect(await screen.findByRole('combobox', { name: /^Buscar por nome ou categoria/ })).toBeVisible();
    await user.click(screen.getByRole('radio', { name: 'Resposta' }));
    expect(await field()).toHaveAttribute('readonly');
    expect(screen.getByText(/A janela de 24 h fechou .*Só um modelo aprovado/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Escolher um modelo' }));
    await user.type(await screen.findByRole('combobox', { name: /^Buscar por nome ou categoria/ }), 'utilidade segunda');
    expect(screen.getAllByRole('option')).toHaveLength(1);
    await user.keyboard('{Enter}');
    // The contact's name is filled in, the rest shows its example; nothing has left (rules 098, 258).
    expect(await screen.findByLabelText('Texto: nome')).toHaveValue('Marina');
    expect(screen.getByLabelText('Texto: mes')).toHaveAttribute('placeholder', 'novembro');
    expect(screen.getByText(/a Meta cobra por este modelo/)).toBeVisible();
    expect(sent(requests)).toHaveLength(0);
    await user.click(screen.getByRole('button', { name: 'Enviar' }));
    expect(screen.getAllByText('Preencha este valor')).toHaveLength(2);
    expect(sent(requests)).toHaveLength(0);
    await user.type(screen.getByLabelText('Texto: mes'), 'dezembro');
    await user.type(screen.getByLabelText('Final do endereço de “Abrir o boleto”'), 'Zq1');
    await expectAccessible(container);
    await user.click(screen.getByRole('button', { name: 'Enviar' }));
    await waitFor(() => expect(sent(requests)).toHaveLength(1));
    expect(api.messages[0]?.content).toMatchObject({ kind: 'template', text: 'Olá Marina! A segunda via do boleto de *dezembro* está pronta.', template: { name: 'segunda_via' } });
  });

  it('holds answers behind a template, and says what releases them (rule 100)', async () => {
    const { user, api } = await open((each) => {
      closed(each);
      each.conversations[0]!.may_hold = true;
      each.conversations[0]!.held_count = 2;
    });
    expect(await screen.findByText(/2 mensagens estão retidas e saem, em ordem, quando ele responder/)).toBeVisible();
    await user.click(await field());
    await user.keyboard('aguardo{Enter}');
    await waitFor(() => expect(api.messages[0]).toMatchObject({ status: 'held', content: { text: 'aguardo' } }));
  });

  it('says the sentence of a blocked contact (rule 191)', async () => {
    await open((each) => {
      each.conversations[0]!.contact.blocked = true;
    });
    expect(await screen.findByText('Contato bloqueado, não é possível enviar ou receber mensagem')).toBeVisible();
    expect(await field()).toHaveAttribute('readonly');
  });

  it('says whose the ticket is where only its agent may write', async () => {
    const { user } = await open((each) => {
      each.conversations[0]!.ticket = { ...each.conversations[3]!.ticket!, agent: { id: 2, name: 'Bruno Castro' }, write_locked: true };
    });
    expect(await screen.findByText(/O atendimento é de Bruno Castro/)).toBeVisible();
    expect(await field()).toHaveAttribute('readonly');
    await user.click(screen.getByRole('radio', { name: 'Nota' }));
    expect(await screen.findByRole('textbox', { name: /^Nota interna/ })).not.toHaveAttribute('readonly');
  });

  it('says that the connection is gone', async () => {
    await open((each) => {
      each.conversations[0]!.connection.state = 'removed';
    });
    expect(await screen.findByText(/A conexão desta conversa foi removida/)).toBeVisible();
  });
});

describe('notes', () => {
  it('go nowhere but here: red, by their own button, from their own text (rules 121–124)', async () => {
    const { user, api, requests } = await open(closed);
    await user.click(await screen.findByRole('radio', { name: 'Nota' }));
    await user.click(await screen.findByRole('textbox', { name: /^Nota interna/ }));
    await user.keyboard('cliente antiga');
    await user.click(screen.getByRole('radio', { name: 'Resposta' }));
    expect(await field()).toHaveValue('');
    await user.click(screen.getByRole('radio', { name: 'Nota' }));
    expect(await screen.findByRole('textbox', { name: /^Nota interna/ })).toHaveValue('cliente antiga');
    await user.click(screen.getByRole('button', { name: 'Salvar nota' }));
    await waitFor(() => expect(api.messages[0]).toMatchObject({ direction: 'note', content: { text: 'cliente antiga' } }));
    expect(sent(requests)).toHaveLength(0);
    expect((await screen.findAllByText('Mensagem interna, não será enviada para o contato')).length).toBeGreaterThan(0);
  });

  it('are what /interna begins, in small letters (rule 122)', async () => {
    const { user, api, requests } = await open();
    await user.click(await field());
    await user.keyboard('/interna ver com o estoque');
    expect(screen.getByRole('button', { name: 'Salvar nota' })).toBeEnabled();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(api.messages[0]).toMatchObject({ direction: 'note', content: { text: 'ver com o estoque' } }));
    expect(sent(requests)).toHaveLength(0);
  });

  it('call people and queues by @', async () => {
    const { user, bodies } = await open();
    await user.click(await screen.findByRole('radio', { name: 'Nota' }));
    await user.click(await screen.findByRole('textbox', { name: /^Nota interna/ }));
    await user.keyboard('veja @bru');
    expect(await screen.findByRole('option', { name: 'Bruno Castro' })).toHaveAttribute('aria-selected', 'true');
    await user.keyboard('{Enter}por favor{Enter}');
    await waitFor(() => expect(bodies.at(-1)).toMatchObject({ text: 'veja @Bruno Castro por favor', mentions: { user_ids: [2] } }));
  });
});

describe('what completes a text', () => {
  it('puts in a canned response, with its variables filled in before it leaves (rules 112, 198, 200)', async () => {
    const { user, api } = await open();
    await user.click(await field());
    await user.keyboard('/boas');
    expect(await screen.findByText('Olá, Marina! Aqui é da Loja Exemplo. Como posso ajudar?')).toBeInTheDocument();
    await user.keyboard('{Enter}');
    expect(await field()).toHaveValue('Olá, {primeiro_nome}! Aqui é da {empresa}. Como posso ajudar?');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(api.messages[0]?.content.text).toBe('Olá, Marina! Aqui é da Loja Exemplo. Como posso ajudar?'));
  });

  it('completes variables, and sends none without a value', async () => {
    const { user, api } = await open();
    const before = api.messages.length;
    await user.click(await field());
    await user.keyboard('Seu CPF é {{cp');
    await user.click(await screen.findByRole('option', { name: /\{cpf\}/ }));
    expect(await field()).toHaveValue('Seu CPF é {cpf}');
    await user.keyboard('{Enter}');
    expect(await screen.findByText('Não saiu: este contato não tem valor para cpf.')).toBeVisible();
    expect(api.messages).toHaveLength(before);
  });

  it('goes away with Escape, and the text stays', async () => {
    const { user } = await open();
    await user.click(await field());
    await user.keyboard('/bol');
    await screen.findByRole('listbox', { name: 'Respostas rápidas' });
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(await field()).toHaveValue('/bol');
    expect(await field()).toHaveFocus();
  });
});

describe('drafts', () => {
  const theirs = (text: string, revision: number) => ({ conversation_id: 903, mode: 'reply' as const, body: { text }, revision, updated_at: new Date().toISOString() });
  /** A conversation that no other test has written in. */
  const openOther = async (prepare: (api: MockApi) => void = () => undefined) => {
    composing.change(903, { mode: 'reply', reply: { text: '', files: [] } });
    const app = renderApp('/conversas/1039', prepare);
    return { ...app, user: userEvent.setup(), box: await field() };
  };

  it('are on the server a moment after the last key, shown as another device wrote them, and compared when both wrote', async () => {
    const { user, api, box } = await openOther((each) => each.written.set('903/reply', theirs('comecei no celular', 4)));
    await waitFor(() => expect(box).toHaveValue('comecei no celular'));
    await user.type(box, ' e sigo aqui');
    await waitFor(() => expect(api.written.get('903/reply')).toMatchObject({ body: { text: 'comecei no celular e sigo aqui' }, revision: 5 }));
    // The other device writes while nothing new is here: its text comes.
    api.written.set('903/reply', theirs('mudei no celular', 6));
    api.event('draft.updated', 903, 0);
    await waitFor(() => expect(box).toHaveValue('mudei no celular'));
    // Both write at once: nothing is written over.
    await user.type(box, ' !');
    api.written.set('903/reply', theirs('de novo no celular', 9));
    expect(await screen.findByText('Você escreveu outra coisa aqui em outro aparelho:')).toBeVisible();
    expect(screen.getByText('de novo no celular')).toBeVisible();
    expect(box).toHaveValue('mudei no celular !');
    await user.click(screen.getByRole('button', { name: 'Ficar com o meu' }));
    await waitFor(() => expect(api.written.get('903/reply')).toMatchObject({ body: { text: 'mudei no celular !' }, revision: 10 }));
    // What was sent is no draft any more.
    await user.type(box, '{Enter}');
    await waitFor(() => expect(api.written.has('903/reply')).toBe(false));
  });
});

describe('the undo of sending', () => {
  const begin = async () => {
    holdTheClockOfSending();
    setPreferences({ sendDelay: 10 });
    const app = await open((api) => {
      api.profile.preferences = { send_delay_seconds: 10 };
    });
    await app.user.click(await field());
    return app;
  };

  it('shows the answer at once with its seconds, and Mod+Z in the empty field brings back text and quote', async () => {
    const { user, api, bodies } = await begin();
    const quoted = api.messages.find((each) => each.conversation_id === MARINA && each.direction === 'in')!;
    composing.write(MARINA, 'reply', { replyTo: quoted });
    await user.keyboard('Segue o valor{Enter}');
    expect(await screen.findByText(/^Sai em \d+ s$/)).toBeVisible();
    await waitFor(() => expect(api.messages[0]).toMatchObject({ status: 'queued', content: { text: 'Segue o valor' } }));
    expect(bodies).toContainEqual(expect.objectContaining({ delay_seconds: 10 }));
    await user.keyboard('{Control>}z{/Control}');
    await waitFor(async () => expect(await field()).toHaveValue('Segue o valor'));
    expect(composing.of(MARINA).reply.replyTo?.id).toBe(quoted.id);
    expect(api.messages[0]).toMatchObject({ status: 'cancelled' });
    await waitFor(() => expect(within(screen.getByRole('log')).queryByText('Segue o valor')).toBeNull());
  });

  it('offers what was taken back while something else is written, and brings it before that', async () => {
    const { user, container } = await begin();
    await user.keyboard('um{Enter}');
    await user.keyboard('dois');
    await user.click(await screen.findByRole('button', { name: 'Desfazer o envio' }));
    await screen.findByRole('button', { name: 'Trazer de volta' });
    await expectAccessible(container);
    await user.click(await screen.findByRole('button', { name: 'Trazer de volta' }));
    expect(await field()).toHaveValue('um\ndois');
    expect(screen.queryByRole('button', { name: 'Trazer de volta' })).toBeNull();
  });

  it('has a key that works while something is written, and the sheet lists it', async () => {
    const { user, api } = await begin();
    await user.keyboard('um{Enter}');
    await screen.findByText(/^Sai em \d+ s$/);
    await user.keyboard('dois{Control>}{Shift>}Z{/Shift}{/Control}');
    await waitFor(() => expect(api.messages[0]).toMatchObject({ status: 'cancelled' }));
    await user.keyboard('{Control>}/{/Control}');
    expect(await screen.findByText('Desfazer o envio')).toBeVisible();
  });

  it('brings a template back with its values', async () => {
    const { user, api } = await begin();
    composing.change(MARINA, { mode: 'template' });
    await user.type(await screen.findByRole('combobox', { name: /^Buscar por nome ou categoria/ }), 'utilidade');
    await user.keyboard('{Enter}');
    await screen.findByRole('button', { name: 'Enviar' });
    for (const [index, input] of within(screen.getByRole('region', { name: 'Escrever' })).queryAllByRole('textbox').entries()) {
      await user.clear(input);
      await user.type(input, `valor ${index}`);
    }
    const before = composing.of(MARINA).template;
    expect(before.id).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Enviar' }));
    await user.click(await screen.findByRole('button', { name: 'Desfazer o envio' }));
    await waitFor(() => expect(composing.of(MARINA)).toMatchObject({ mode: 'template', template: before }));
    expect(api.messages[0]).toMatchObject({ status: 'cancelled', kind: 'template' });
  });
});
