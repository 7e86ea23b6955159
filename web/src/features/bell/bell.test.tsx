import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Notification } from '@/api/types';
import { expectAccessible, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';

const entry = (id: number, more: Partial<Notification> = {}): Notification => ({
  id,
  kind: 'message',
  count: 2,
  seen: false,
  conversation_id: 900,
  conversation_number: 1,
  contact: { id: 700, name: 'Ana Souza', blocked: false },
  by: { kind: 'contact' },
  preview: 'alguém aí?',
  at: '2026-12-01T12:00:00Z',
  ...more,
});

const withBell =
  (...entries: Notification[]) =>
  (api: MockApi) => {
    api.bell.push(...entries);
  };

/** The rail's, not the phone's. */
const bell = async (name: string) => (await screen.findAllByLabelText(name))[0] as HTMLElement;

describe('the bell', () => {
  it('has a dot, lists what came, and loses the dot once it was opened (rules 233, 237)', async () => {
    const app = renderApp(
      '/ajustes',
      withBell(entry(3), entry(2, { kind: 'assigned', by: { kind: 'flow' }, conversation_id: 901 }), entry(1, { kind: 'queued', queue: { id: 4, name: 'Vendas', color: '' }, seen: true })),
    );
    await userEvent.click(await bell('Notificações: 2 novas'));
    const sheet = await screen.findByRole('dialog', { name: 'Notificações' });
    expect(await within(sheet).findByText(/2 mensagens novas/)).toBeVisible();
    expect(within(sheet).getAllByText('alguém aí?')).toHaveLength(3);
    expect(within(sheet).getByText(/Um fluxo passou o atendimento para você/)).toBeVisible();
    expect(within(sheet).getByText('Aguarda atendimento em Vendas')).toBeVisible();
    await waitFor(() => expect(app.bodies).toContainEqual({ ids: [3, 2] }));
    await expectAccessible(sheet);
    await userEvent.keyboard('{Escape}');
    await bell('Notificações');
  });

  it('takes out one entry, and all of them', async () => {
    const app = renderApp('/ajustes', withBell(entry(3), entry(2, { kind: 'assigned', contact: { id: 701, name: 'Bruno', blocked: false } }), entry(1, { kind: 'mention', by: { kind: 'user', name: 'Carla' } })));
    await screen.findAllByRole('heading');
    await bell('Notificações: 3 novas');
    await userEvent.keyboard('gn');
    const sheet = await screen.findByRole('dialog', { name: 'Notificações' });
    expect(within(sheet).getByText(/Carla mencionou você numa nota/)).toBeVisible();
    await userEvent.click(within(sheet).getByRole('button', { name: 'Remover o aviso de Bruno' }));
    await waitFor(() => expect(app.api.bell.map(({ id }) => id)).toEqual([3, 1]));
    await userEvent.click(within(sheet).getByRole('button', { name: 'Limpar todas' }));
    expect(await within(sheet).findByText('Nada de novo')).toBeVisible();
    await waitFor(() => expect(app.api.bell).toEqual([]));
  });

  it('opens the conversation of an entry, which goes', async () => {
    const app = renderApp('/ajustes', withBell(entry(3)));
    await userEvent.click(await bell('Notificações: 1 nova'));
    await userEvent.click(await screen.findByRole('link', { name: 'Ana Souza' }));
    await waitFor(() => expect(app.router.state.location.pathname).toBe('/conversas/1'));
    await waitFor(() => expect(app.api.bell).toEqual([]));
  });

  it('keeps out what comes while the conversations are in sight, and keeps what came before (rule 233)', async () => {
    const app = renderApp('/conversas', withBell(entry(3)));
    await bell('Notificações: 1 nova');
    app.api.bell.unshift(entry(4, { conversation_id: 901, conversation_number: 2 }));
    app.api.event('notification.updated', 0, 1);
    await waitFor(() => expect(app.bodies).toContainEqual({ ids: [4] }));
    await waitFor(() => expect(app.api.bell.map(({ id }) => id)).toEqual([3]));
    await bell('Notificações: 1 nova');
  });

  it('says in words that there is nothing', async () => {
    renderApp('/ajustes');
    await userEvent.click(await bell('Notificações'));
    expect(await screen.findByText(/Aqui aparecem mensagens de quem você atende/)).toBeVisible();
  });
});
