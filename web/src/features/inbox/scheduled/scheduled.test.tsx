import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAccessible, forgetPreferences, renderApp } from '@/test/app';
import { problem, type MockAnswer, type MockApi } from '@/test/mock/api';
import { me } from '@/test/mock/people';

afterEach(() => {
  vi.unstubAllGlobals();
  forgetPreferences();
});

/** Keeps what is sent to the paths of schedules, and answers it. */
function keep(api: MockApi, answer: (method: string, path: string) => MockAnswer) {
  const real = api.answer.bind(api);
  const asked: { method: string; path: string; body: Record<string, unknown> }[] = [];
  api.answer = (method, url, raw) => {
    if (method === 'GET' || !/scheduled-messages|\/closing\/cancel/.test(url.pathname)) return real(method, url, raw);
    if (url.pathname.endsWith('/preview')) return { status: 200, body: { next: ['2026-12-07T12:00:00Z', '2026-12-14T12:00:00Z'] } };
    asked.push({ method, path: url.pathname, body: JSON.parse(raw || '{}') as Record<string, unknown> });
    return answer(method, url.pathname);
  };
  return asked;
}

async function conversation(prepare?: (api: MockApi) => void) {
  const app = renderApp('/conversas/1042', (api) => {
    Object.assign(api.conversations[0]!, { window_open: true, window_expires_at: new Date(Date.now() + 20 * 3_600_000).toISOString(), in_charge: 'ticket' });
    prepare?.(api);
  });
  await screen.findByRole('log');
  return { ...app, user: userEvent.setup() };
}

describe('scheduling a message', () => {
  it('asks when, again or once, what opens then, and sends that with the zone (rules 167, 172, Z29)', async () => {
    let asked: ReturnType<typeof keep> = [];
    const { user } = await conversation((api) => (asked = keep(api, () => ({ status: 201, body: { data: [api.scheduled[0]] } }))));
    const box = await screen.findByRole('textbox', { name: /^Resposta para/ });
    await user.type(box, 'Lembrete da visita');
    await user.click(screen.getByRole('button', { name: 'Mais formas de enviar' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Agendar…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Agendar mensagem' });
    await within(dialog).findByText('Lembrete da visita');
    expect(within(dialog).getByText(/^Horário de /)).toBeVisible();
    await user.click(within(dialog).getByRole('radio', { name: /Amanhã às 9h/ }));
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Repetir' }), 'Toda semana');
    await within(dialog).findByText(/^Próximas: /);
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Abrir atendimento?' }), 'Sim');
    await user.selectOptions(await within(dialog).findByRole('combobox', { name: /Fila/ }), 'Suporte');
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole('button', { name: 'Agendar' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked[0]).toMatchObject({
      method: 'POST',
      path: '/v1/scheduled-messages',
      body: { conversation_id: 900, recurrence: 'FREQ=WEEKLY;COUNT=5', hold_on_reply: true, open: true, queue_id: 1, contents: [{ kind: 'text', text: 'Lembrete da visita' }] },
    });
    expect(asked[0]?.body.timezone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    const due = new Date(String(asked[0]?.body.due_at));
    expect([due.getHours(), due.getMinutes()]).toEqual([9, 0]);
    expect(box).toHaveValue('');
  });

  it('refuses the past, warns of a window that closes before, and keeps the words when the server refuses', async () => {
    let asked: ReturnType<typeof keep> = [];
    const { user } = await conversation((api) => {
      api.conversations[0]!.window_expires_at = new Date(Date.now() + 600_000).toISOString();
      asked = keep(api, () => problem(409, 'contact_blocked', 'The contact is blocked.'));
    });
    const box = await screen.findByRole('textbox', { name: /^Resposta para/ });
    await user.type(box, 'Oi');
    await user.click(screen.getByRole('button', { name: 'Mais formas de enviar' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Agendar…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Agendar mensagem' });
    expect(await within(dialog).findByText(/A janela de 24 horas fecha antes/)).toBeVisible();
    await user.click(within(dialog).getByRole('radio', { name: /Escolher/ }));
    const at = within(dialog).getByLabelText('Data e hora');
    await user.clear(at);
    await user.type(at, '2020-01-01T09:00');
    await user.click(within(dialog).getByRole('button', { name: 'Agendar' }));
    expect(await within(dialog).findByText('Escolha um momento no futuro, até um ano à frente.')).toBeVisible();
    expect(asked).toEqual([]);
    await user.click(within(dialog).getByRole('radio', { name: /Em 1 hora/ }));
    await user.click(within(dialog).getByRole('button', { name: 'Agendar' }));
    expect(await within(dialog).findByRole('alert')).toBeVisible();
    await user.click(within(dialog).getByRole('button', { name: 'Cancelar' }));
    expect(box).toHaveValue('Oi');
  });
});

describe('what is scheduled in a conversation', () => {
  it('shows what is held by itself and asks whether to send it all the same', async () => {
    let asked: ReturnType<typeof keep> = [];
    const { user, container } = await conversation((api) => {
      api.conversations[0]!.scheduled = 1;
      asked = keep(api, () => ({ status: 200, body: api.scheduled[0] }));
    });
    const bar = await screen.findByRole('region', { name: 'Agendamentos' });
    expect(await within(bar).findByText('O contato escreveu antes. Enviar mesmo assim?')).toBeVisible();
    expect(within(bar).getByText(new RegExp(`por ${me.user.name}`))).toBeVisible();
    await expectAccessible(container);
    await user.click(within(bar).getByRole('button', { name: 'Enviar agora' }));
    await waitFor(() => expect(asked).toMatchObject([{ method: 'POST', path: '/v1/scheduled-messages/1/send' }]));
    await user.click(within(bar).getByRole('button', { name: 'Outro horário' }));
    const dialog = await screen.findByRole('dialog', { name: 'Editar agendamento' });
    const text = within(dialog).getByRole('textbox', { name: 'Mensagem' });
    await user.clear(text);
    await user.type(text, 'Outro texto');
    await user.click(within(dialog).getByRole('radio', { name: /Amanhã às 9h/ }));
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    await waitFor(() => expect(asked[1]).toMatchObject({ method: 'PATCH', path: '/v1/scheduled-messages/1', body: { contents: [{ kind: 'text', text: 'Outro texto' }], hold_on_reply: true } }));
    expect(asked[1]?.body).toHaveProperty('due_at');
    expect(asked[1]?.body).not.toHaveProperty('recurrence');
  });

  it('is listed in the panel with closings, and deleted one by one or all at once (rules 168, 169, 256)', async () => {
    let asked: ReturnType<typeof keep> = [];
    const { user } = await conversation((api) => {
      api.scheduled.push({ ...api.scheduled[2]!, id: 5, contact: api.scheduled[0]!.contact, conversation: api.scheduled[0]!.conversation });
      asked = keep(api, (_, path) => (path.endsWith('/cancel') && path.startsWith('/v1/scheduled-messages/cancel') ? { status: 200, body: { cancelled: 2 } } : { status: 200, body: api.scheduled[0] }));
    });
    await user.click(screen.getByRole('button', { name: 'Mostrar dados da conversa' }));
    const panel = await screen.findByRole('dialog', { name: 'Dados da conversa' });
    await user.click(await within(panel).findByText('Agendamentos', { selector: 'h3' }));
    const row = (await within(panel).findByText('Encerramento')).closest('li')!;
    expect(within(row).getByText(/cancela se o contato responder/)).toBeVisible();
    await user.click(within(row).getByRole('button', { name: 'Excluir' }));
    const sure = await screen.findByRole('dialog', { name: 'Tem certeza que deseja excluir esse agendamento?' });
    await user.click(within(sure).getByRole('button', { name: 'Excluir' }));
    await waitFor(() => expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/tickets/70/closing/cancel' }));
    await user.click(await within(panel).findByRole('button', { name: 'Excluir todos' }));
    const all = await screen.findByRole('dialog', { name: /^Excluir tudo o que está agendado/ });
    await user.click(within(all).getByRole('button', { name: 'Excluir todos' }));
    await waitFor(() => expect(asked[1]).toMatchObject({ path: '/v1/scheduled-messages/cancel', body: { contact_id: expect.any(Number) as number } }));
    expect(await screen.findByText('2 agendamentos excluídos')).toBeVisible();
  });
});

describe('the page of everything scheduled', () => {
  it('lists it day by day with authors, and narrows by kind and state (rule 168)', async () => {
    const { container, router } = renderApp('/agendamentos');
    const user = userEvent.setup();
    expect(await screen.findByRole('heading', { level: 2, name: 'Amanhã' })).toBeVisible();
    expect(screen.getByText('Modelo: lembrete_de_pagamento')).toBeVisible();
    expect(screen.getByText(/abre atendimento para Suporte/)).toBeVisible();
    expect(screen.getByText('Fluxo: Boas-vindas')).toBeVisible();
    await expectAccessible(container);
    await user.selectOptions(screen.getByRole('combobox', { name: 'Tipo' }), 'Fluxo');
    await waitFor(() => expect(screen.queryByText('Modelo: lembrete_de_pagamento')).toBeNull());
    expect(router.state.location.search).toEqual({ tipo: 'fluxo' });
    await user.click(screen.getByRole('button', { name: 'Enviados' }));
    expect(await screen.findByText('Nada agendado')).toBeVisible();
  });
});
