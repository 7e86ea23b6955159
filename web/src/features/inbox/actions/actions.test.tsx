import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Conversation } from '@/api/types';
import { preferences } from '@/app/preferences';
import { expectAccessible, forgetPreferences, holdTheClockOfSending, renderApp } from '@/test/app';
import type { MockAnswer, MockApi } from '@/test/mock/api';
import { FIELDS, refused } from '@/test/mock/desk';
import { me } from '@/test/mock/people';
import { setNotice } from './notices';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  forgetPreferences();
  for (let id = 900; id < 930; id += 1) setNotice(id, undefined);
});

const bruno = { id: 2, name: 'Bruno Castro' };
const waiting: NonNullable<Conversation['ticket']> = {
  id: 70,
  protocol: '20261130000070',
  state: 'waiting',
  origin: 'receptive',
  opened_at: new Date().toISOString(),
  opened_by: { kind: 'flow', id: 42 },
  queue: { id: 1, name: 'Suporte', color: '#0f766e' },
  write_locked: false,
};
const mine = { ...waiting, state: 'open' as const, agent: { id: me.user.id, name: me.user.name } };

function serve(ticket: Conversation['ticket'], part: Partial<Conversation> = {}) {
  return (api: MockApi) => {
    api.profile.closing_text = 'Obrigada pelo contato!';
    api.settings['custom-fields'].splice(0, 9, ...FIELDS);
    const conversation = api.conversations[0]!;
    delete conversation.flow_run;
    Object.assign(conversation, { in_charge: 'ticket', ticket, window_open: true, ...part });
  };
}

/** Holds the answer to a request back, so that what is shown before it can be looked at. */
function intercept(api: MockApi, part: string, answer: (raw: string) => MockAnswer | undefined) {
  const real = api.answer.bind(api);
  const bodies: Record<string, unknown>[] = [];
  api.answer = (method, url, raw) => {
    if (method !== 'GET' && url.pathname.includes(part)) {
      bodies.push(JSON.parse(raw || '{}') as Record<string, unknown>);
      return answer(raw ?? '') ?? real(method, url, raw);
    }
    return real(method, url, raw);
  };
  return bodies;
}

async function open(prepare: (api: MockApi) => void) {
  const app = renderApp('/conversas/1042', prepare);
  await screen.findByRole('log');
  return { ...app, actions: await screen.findByRole('group', { name: 'Ações da conversa' }), user: userEvent.setup() };
}

describe('taking a ticket', () => {
  it('accepts what waits, at once, and offers what comes next', async () => {
    const { actions, user, api } = await open(serve(waiting));
    const accept = within(actions).getByRole('button', { name: 'Aceitar' });
    expect(accept).toHaveAttribute('aria-keyshortcuts', 'a');
    expect(accept).toHaveAttribute('title', expect.stringContaining('O atendimento passa a ser seu'));
    await user.click(accept);
    expect(within(actions).getByRole('button', { name: 'Encerrar' })).toHaveFocus();
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent?.name).toBe('Ana Ribeiro'));
  });

  it('gives up what was accepted, by the toast or by Mod+Z, and not while one types', async () => {
    const { actions, user, api } = await open(serve(waiting));
    await user.click(within(actions).getByRole('button', { name: 'Aceitar' }));
    await user.click(await screen.findByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(api.conversations[0]!.ticket).toMatchObject({ state: 'waiting', queue: { name: 'Suporte' } }));
    expect(api.conversations[0]!.ticket).not.toHaveProperty('agent');
    await user.click(within(actions).getByRole('button', { name: 'Aceitar' }));
    await screen.findByRole('button', { name: 'Desfazer' });
    await user.click(await screen.findByRole('textbox', { name: /^Resposta para/ }));
    await user.keyboard('oi{Control>}z{/Control}');
    expect(api.conversations[0]!.ticket?.agent?.id).toBe(me.user.id);
    act(() => (document.activeElement as HTMLElement).blur());
    await user.keyboard('{Control>}z{/Control}');
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent).toBeUndefined());
  });

  it('says who was faster, and shows how it stands', async () => {
    const { actions, user, api } = await open(serve(waiting));
    api.conversations[0]!.ticket = { ...waiting, state: 'open', agent: bruno };
    await user.click(within(actions).getByRole('button', { name: 'Aceitar' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(/^Bruno Castro aceitou há \d+ s\.$/);
    expect(await within(actions).findByRole('button', { name: 'Assumir' })).toHaveAttribute('title', expect.stringContaining('Tira de Bruno Castro'));
    await user.click(screen.getByRole('button', { name: 'Fechar o aviso' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('takes over what another has, and gives it back when asked to', async () => {
    const { actions, user, api } = await open(serve({ ...waiting, state: 'open', agent: bruno }));
    await user.click(within(actions).getByRole('button', { name: 'Assumir' }));
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent?.id).toBe(me.user.id));
    await user.click(await screen.findByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent?.id).toBe(2));
  });

  it('says that it will be done when nobody does it now, and puts back what a broken server refused', async () => {
    const { actions, user, api } = await open(serve(waiting));
    let times = 0;
    intercept(api, '/accept', () => {
      times += 1;
      return times === 1 ? { status: 202, body: { command: { id: 1, state: 'waiting' } } } : undefined;
    });
    await user.click(within(actions).getByRole('button', { name: 'Aceitar' }));
    expect(await screen.findByText(/Pedido guardado/)).toBeVisible();
  });
});

describe('moving a ticket', () => {
  it('asks in the words of rules 035 and 135, takes a note, and can be taken back', async () => {
    const { actions, user, api } = await open(serve(mine));
    const bodies = intercept(api, '/transfer', () => undefined);
    await user.keyboard('t');
    const dialog = await screen.findByRole('dialog', { name: 'Transferir atendimento' });
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole('combobox', { name: 'Quem atende' }));
    await user.click(await screen.findByRole('option', { name: /Carla Menezes/ }));
    expect(within(dialog).getByText('Tem certeza que deseja alterar o agente?')).toBeVisible();
    await user.click(within(dialog).getByText('Fila', { selector: 'label' }));
    await user.click(within(dialog).getByRole('combobox', { name: 'Fila' }));
    await user.click(await screen.findByRole('option', { name: 'Financeiro' }));
    expect(within(dialog).getByText('Tem certeza que deseja salvar esse departamento?')).toBeVisible();
    await user.type(within(dialog).getByRole('textbox', { name: /Nota interna/ }), 'Quer trocar{Control>}{Enter}{/Control}');
    await waitFor(() => expect(api.conversations[0]!.ticket?.queue?.name).toBe('Financeiro'));
    expect(bodies[0]).toMatchObject({ queue_id: 2, note: 'Quer trocar' });
    expect(within(actions).getByRole('button', { name: 'Aceitar' })).toBeVisible();
    await user.click(await screen.findByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent?.id).toBe(me.user.id));
  });

  it('goes by the command bar too: the agents’ list, then the question', async () => {
    const { user, api } = await open(serve(waiting));
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox', { name: 'Barra de comandos' }), '>atribuir agente{Enter}');
    await screen.findByRole('option', { name: 'Bruno Castro' });
    await user.keyboard('bruno{Enter}');
    const dialog = await screen.findByRole('dialog', { name: 'Transferir atendimento' });
    expect(within(dialog).getByText('Tem certeza que deseja adicionar esse agente?')).toBeVisible();
    await user.click(within(dialog).getByRole('button', { name: 'Transferir' }));
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent?.id).toBe(2));
  });

  it('comes back with what was chosen, and says why it was refused', async () => {
    const { user, api } = await open(serve(mine));
    intercept(api, '/transfer', () => refused('ticket.agent_unavailable', { agent: 'Carla Menezes' }));
    await user.keyboard('t');
    const dialog = await screen.findByRole('dialog', { name: 'Transferir atendimento' });
    await user.click(within(dialog).getByRole('button', { name: 'Transferir' }));
    expect(within(dialog).getByRole('alert')).toHaveTextContent('Escolha para quem.');
    await user.click(within(dialog).getByRole('combobox', { name: 'Quem atende' }));
    await user.click(await screen.findByRole('option', { name: /Carla Menezes/ }));
    await user.click(within(dialog).getByRole('button', { name: 'Transferir' }));
    // It closed at once, and is back with what was chosen.
    const again = await screen.findByRole('dialog', { name: 'Transferir atendimento' });
    expect(await within(again).findByText('Carla Menezes não pode receber atendimentos agora.')).toBeVisible();
    expect(within(again).getByRole('combobox', { name: 'Quem atende' })).toHaveValue('Carla Menezes');
  });
});

describe('putting a ticket off', () => {
  it('takes a time and a reason, and wakes when asked to', async () => {
    const { user, api } = await open(serve(mine));
    const bodies = intercept(api, '/snooze', () => undefined);
    await user.keyboard('z');
    const dialog = await screen.findByRole('dialog', { name: 'Adiar atendimento' });
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole('radio', { name: /Amanhã/ }));
    await user.type(within(dialog).getByRole('textbox', { name: /Motivo/ }), 'Aguarda a transportadora{Enter}');
    await waitFor(() => expect(bodies[0]).toMatchObject({ reason: 'Aguarda a transportadora', until_reply: true }));
    expect(new Date(String(bodies[0]!.until)).getHours()).toBe(9);
    expect((await screen.findAllByText(/^Adiado até/))[0]).toBeVisible();
    await user.keyboard('z');
    await waitFor(() => expect(api.conversations[0]!.ticket?.snoozed).toBeUndefined());
  });

  it('refuses what is over, and sleeps until the contact answers', async () => {
    const { user, api } = await open(serve(mine));
    const bodies = intercept(api, '/snooze', () => undefined);
    await user.keyboard('z');
    const dialog = await screen.findByRole('dialog', { name: 'Adiar atendimento' });
    await user.click(within(dialog).getByRole('radio', { name: /Escolher/ }));
    const at = within(dialog).getByLabelText('Data e hora');
    fireEvent.change(at, { target: { value: '2020-01-01T10:00' } });
    await user.click(within(dialog).getByRole('button', { name: 'Adiar' }));
    expect(await within(dialog).findByText(/ainda não passou/)).toBeVisible();
    expect(bodies).toEqual([]);
    await user.click(within(dialog).getByRole('radio', { name: /Quando o contato responder/ }));
    await user.click(within(dialog).getByRole('button', { name: 'Adiar' }));
    await waitFor(() => expect(bodies).toHaveLength(1));
    expect(bodies[0]).not.toHaveProperty('until');
    expect(bodies[0]).toMatchObject({ until_reply: true });
  });
});

describe('closing a ticket', () => {
  it('brings the user’s text, asks what the account wants to know, and sends what was given (rules 154 to 158)', async () => {
    const { user, api } = await open(serve(mine));
    const bodies = intercept(api, '/close', () => undefined);
    await user.keyboard('e');
    const dialog = await screen.findByRole('dialog', { name: 'Encerrar atendimento' });
    const text = await within(dialog).findByRole('textbox', { name: /Mensagem de encerramento/ });
    expect(text).toHaveValue('Obrigada pelo contato!');
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole('button', { name: 'Encerrar' }));
    expect(within(dialog).getByText('Preencha este campo.')).toBeVisible();
    expect(within(dialog).getByRole('combobox', { name: 'Categoria' })).toHaveFocus();
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Categoria' }), 'Troca');
    await user.selectOptions(within(dialog).getByRole('combobox', { name: /Motivo/ }), 'Resolvido');
    expect(within(dialog).getByText('Valor atual: 20931')).toBeVisible();
    await user.click(within(dialog).getByRole('checkbox', { name: 'Excluir valor atual' }));
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(bodies[0]).toMatchObject({ text: 'Obrigada pelo contato!', reason_id: 1, values: { categoria: 'Troca' }, clear: ['ultimo_pedido'] }));
    await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Encerrar atendimento' })).toBeNull());
    expect(await screen.findByText('Atendimento encerrado')).toBeVisible();
    // A text left: nothing is taken back.
    expect(screen.queryByRole('button', { name: 'Desfazer' })).toBeNull();
  });

  it('sends nothing when the text is deleted, and can then be undone (rule 155)', async () => {
    const { user, api } = await open(serve(mine));
    const bodies = intercept(api, '/close', () => undefined);
    await user.keyboard('e');
    const dialog = await screen.findByRole('dialog', { name: 'Encerrar atendimento' });
    await user.clear(await within(dialog).findByRole('textbox', { name: /Mensagem de encerramento/ }));
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Categoria' }), 'Dúvida');
    await user.click(within(dialog).getByRole('button', { name: 'Encerrar' }));
    await waitFor(() => expect(bodies).toHaveLength(1));
    expect(bodies[0]).not.toHaveProperty('text');
    await user.click(await screen.findByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent?.id).toBe(me.user.id));
  });

  it('waits until the answer has left, and does not happen when that is taken back', async () => {
    holdTheClockOfSending();
    const { user, api } = await open((each) => {
      serve(mine)(each);
      each.profile.preferences = { send_delay_seconds: 10 };
    });
    await waitFor(() => expect(preferences().sendDelay).toBe(10));
    const bodies = intercept(api, '/close', () => undefined);
    await user.click(await screen.findByRole('textbox', { name: /^Resposta para/ }));
    await user.keyboard('até mais{Enter}');
    await screen.findByRole('button', { name: 'Desfazer o envio' });
    act(() => (document.activeElement as HTMLElement).blur());
    await user.keyboard('e');
    const dialog = await screen.findByRole('dialog', { name: 'Encerrar atendimento' });
    await user.selectOptions(await within(dialog).findByRole('combobox', { name: 'Categoria' }), 'Dúvida');
    await user.click(within(dialog).getByRole('button', { name: 'Encerrar' }));
    await screen.findByText('O atendimento fecha assim que a mensagem sair.');
    await user.click(await screen.findByRole('button', { name: 'Desfazer o envio' }));
    await screen.findByText('A mensagem não saiu, e o atendimento continua aberto.');
    expect(bodies).toHaveLength(0);
    expect(api.conversations[0]!.ticket?.agent?.id).toBe(me.user.id);
  });

  it('says that the window is closed and closes without the text', async () => {
    const { user, api } = await open(serve(mine, { window_open: false, window_state: 'expired' }));
    const bodies = intercept(api, '/close', () => undefined);
    await user.keyboard('e');
    const dialog = await screen.findByRole('dialog', { name: 'Encerrar atendimento' });
    expect(await within(dialog).findByText(/esta mensagem não pode ser enviada/)).toBeVisible();
    expect(within(dialog).queryByRole('textbox', { name: /Mensagem de encerramento/ })).toBeNull();
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Categoria' }), 'Dúvida');
    await user.click(within(dialog).getByRole('button', { name: 'Encerrar sem a mensagem' }));
    await waitFor(() => expect(bodies).toHaveLength(1));
    expect(bodies[0]).not.toHaveProperty('text');
  });

  it('closes later, and says what happens if the contact answers (rules 151, 152)', async () => {
    const { user, actions } = await open(serve(mine));
    const bodies: Record<string, unknown>[] = [];
    await user.click(within(actions).getByRole('button', { name: 'Encerrar' }));
    const dialog = await screen.findByRole('dialog', { name: 'Encerrar atendimento' });
    const minutes = await within(dialog).findByRole('textbox', { name: /Tempo de encerramento/ });
    expect(within(dialog).queryByRole('combobox', { name: 'Caso o usuário responda' })).not.toBeInTheDocument();
    await user.type(minutes, 'x');
    await user.click(within(dialog).getByRole('button', { name: 'Agendar encerramento' }));
    await within(dialog).findByText(/número inteiro de minutos/);
    expect(bodies).toEqual([]);
    await user.clear(minutes);
    await user.type(minutes, '30');
    await within(dialog).findByText(/^Encerramento automático: /);
    within(dialog).getByRole('combobox', { name: 'Caso o usuário responda' });
    await expectAccessible(document.body);
  });

  it('shows a scheduled closure and takes it back after a question (rule 153)', async () => {
    const closing = { due_at: new Date(Date.now() + 1_800_000).toISOString(), cancel_on_reply: true, by: { kind: 'user' as const, id: 2, name: 'Bruno Castro' } };
    const { user, api } = await open(serve({ ...mine, closing }));
    const bodies = intercept(api, '/closing/cancel', () => ({ status: 202, body: { command: { id: 1, state: 'waiting' } } }));
    await screen.findByText(/Encerramento automático: .*, se o contato não responder · por Bruno Castro/);
    await user.click(screen.getByRole('button', { name: 'Cancelar encerramento' }));
    expect(bodies).toEqual([]);
    await screen.findByText('Cancelar o encerramento agendado?');
    await user.click(screen.getByRole('button', { name: 'Sim' }));
    await waitFor(() => expect(bodies).toHaveLength(1));
    await waitFor(() => expect(screen.queryByText(/Encerramento automático/)).not.toBeInTheDocument());
  });

  it('tells who closed it first', async () => {
    const { user, api } = await open(serve(mine));
    intercept(api, '/close', () => refused('ticket.closed', { by: 'Bruno Castro', at: new Date(Date.now() - 65_000).toISOString() }));
    await user.keyboard('e');
    const dialog = await screen.findByRole('dialog', { name: 'Encerrar atendimento' });
    await user.selectOptions(await within(dialog).findByRole('combobox', { name: 'Categoria' }), 'Dúvida');
    await user.click(within(dialog).getByRole('button', { name: 'Encerrar' }));
    const again = await screen.findByRole('dialog', { name: 'Encerrar atendimento' });
    expect(await within(again).findByText('Bruno Castro encerrou há 1 min.')).toBeVisible();
    expect(within(again).getByRole('combobox', { name: 'Categoria' })).toHaveDisplayValue('Dúvida');
  });
});

describe('the rest of a shift', () => {
  it('reopens what is closed, with the same key family, and gives it to who reopens', async () => {
    const { user, api } = await open(serve(undefined, { in_charge: 'idle', last_ticket: { id: 70, protocol: '20261130000070', closed_at: new Date().toISOString() } }));
    await user.keyboard('{Shift>}E{/Shift}');
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent?.id).toBe(me.user.id));
  });

  it('starts a flow where no ticket is open, those meant to be started so first (trigger T5)', async () => {
    const { user, api, actions } = await open(serve(undefined, { in_charge: 'idle' }));
    const asked = intercept(api, '/v1/flow-runs', () => {
      Object.assign(api.conversations[0]!, { in_charge: 'flow' });
      return { status: 201, body: {} };
    });
    await user.click(within(actions).getByRole('button', { name: 'Mais ações' }));
    await user.click(await screen.findByRole('menuitem', { name: /Iniciar fluxo/ }));
    const dialog = await screen.findByRole('dialog', { name: 'Iniciar fluxo' });
    expect(dialog).toHaveTextContent('Um fluxo em andamento é interrompido.');
    await user.click(within(dialog).getByRole('combobox', { name: 'Fluxo' }));
    await user.click((await screen.findAllByRole('option'))[0]!);
    await user.click(within(dialog).getByRole('button', { name: 'Iniciar fluxo' }));
    await waitFor(() => expect(asked).toEqual([expect.objectContaining({ conversation_id: api.conversations[0]!.id })]));
    expect(await screen.findByText(/^Fluxo .* iniciado$/)).toBeVisible();
  });

  it('hands back to the bot, only when a run waits', async () => {
    const { user, api, actions } = await open(serve(mine, { flow_run: { id: 42, flow_id: 7, flow_name: 'Boas-vindas' } }));
    await user.click(within(actions).getByRole('button', { name: 'Mais ações' }));
    expect(await screen.findByRole('menuitem', { name: /Devolver ao robô/ })).toHaveAttribute('title', 'O robô continua de onde parou');
    await user.click(screen.getByRole('menuitem', { name: /Devolver ao robô/ }));
    await waitFor(() => expect(api.conversations[0]!.in_charge).toBe('flow'));
    await user.click(await screen.findByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(api.conversations[0]!).toMatchObject({ in_charge: 'ticket', ticket: { agent: { id: me.user.id } } }));
  });

  it('changes priority, follows and switches the bot off, each where it can be undone (rule 149)', async () => {
    const { user, api, actions } = await open(serve(mine));
    await user.keyboard('p');
    await screen.findByRole('option', { name: 'Urgente' });
    await user.keyboard('urg{Enter}');
    await waitFor(() => expect(api.conversations[0]!.priority).toBe('urgent'));
    expect(screen.getByTitle('Prioridade urgente')).toBeVisible();
    await user.keyboard('s');
    await waitFor(() => expect(api.conversations[0]!.followed).toBe(true));
    await user.click(within(actions).getByRole('button', { name: 'Mais ações' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Desligar o chatbot' }));
    await waitFor(() => expect(api.conversations[0]!.chatbot_disabled).toBe(true));
    await screen.findByRole('heading', { name: 'Chatbot desligado' });
    act(() => (document.activeElement as HTMLElement).blur());
    await user.keyboard('{Control>}z{/Control}');
    await waitFor(() => expect(api.conversations[0]!.chatbot_disabled).toBe(false));
  });

  it('gives who may only read nothing to do', async () => {
    await open((api) => {
      serve(mine)(api);
      const real = api.answer.bind(api);
      api.answer = (method, url, raw) =>
        url.pathname === '/v1/sign-in' && method === 'GET' ? { status: 200, body: { ...me, permissions: ['conversations:read', 'contacts:read'] } } : real(method, url, raw);
    });
    const actions = screen.getByRole('group', { name: 'Ações da conversa' });
    expect(within(actions).getAllByRole('button').map((each) => each.textContent || each.getAttribute('aria-label'))).toEqual(['Mais ações']);
  });
});
