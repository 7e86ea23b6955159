import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { preferences } from '@/app/preferences';
import type { Conversation } from '@/api/types';
import { expectAccessible, forgetPreferences, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';
import { me, message } from '@/test/mock/people';
import { composing } from '../composer/compose';

const MARINA = 900;
const carla = { id: 3, name: 'Carla Menezes' };
const ticket: NonNullable<Conversation['ticket']> = { id: 70, protocol: '1', state: 'open', origin: 'receptive', opened_at: '2026-11-30T12:00:00Z', opened_by: { kind: 'user' }, write_locked: false };

afterEach(() => {
  vi.unstubAllGlobals();
  forgetPreferences();
});

async function open(prepare: (api: MockApi) => void = () => undefined) {
  composing.change(MARINA, { mode: 'reply', reply: { text: '', files: [] }, note: { text: '', files: [] }, template: { search: '', values: {}, files: {} } });
  const app = renderApp('/conversas/1042', prepare);
  await screen.findByRole('log');
  return { ...app, user: userEvent.setup() };
}

const field = () => screen.findByRole('textbox', { name: /^Resposta para/ });
const present = (api: MockApi, state: string) =>
  act(() => {
    api.seq += 1;
    api.tell({ type: 'event', seq: `7.${api.seq}`, kind: 'presence', conversation_id: MARINA, entity_id: carla.id, data: { user: carla, state, at: '' } });
  });
/** Another agent answers. */
const answers = (api: MockApi, text: string) =>
  act(() => api.add(message(api.newId(), { direction: 'out', origin: 'agent', author: carla, content: { kind: 'text', text }, created_at: new Date().toISOString() })));

describe('two agents in one conversation', () => {
  it('see each other, and who writes is named over the field', async () => {
    const { api, container, bodies } = await open();
    await field();
    await waitFor(() => expect(bodies).toContainEqual({ state: 'looking' }));
    present(api, 'looking');
    const faces = await screen.findByRole('list', { name: 'Quem está nesta conversa' });
    expect(faces).toHaveTextContent('Carla Menezes está vendo');
    present(api, 'writing');
    expect(await screen.findByText('Carla Menezes está escrevendo…')).toBeVisible();
    await expectAccessible(container);
    present(api, 'gone');
    await waitFor(() => expect(screen.queryByRole('list', { name: 'Quem está nesta conversa' })).toBeNull());
  });

  it('a newer answer is shown before one’s own goes out, and the next press sends', async () => {
    const { api, user, requests } = await open();
    await user.click(await field());
    await user.keyboard('Já vou ver');
    answers(api, 'Pode deixar, já resolvi.');
    await within(screen.getByRole('log')).findByText('Pode deixar, já resolvi.');
    await user.keyboard('{Enter}');
    const shown = await screen.findByRole('alert');
    expect(shown).toHaveTextContent('Carla Menezes respondeu enquanto você escrevia:');
    expect(shown).toHaveTextContent('Pode deixar, já resolvi.');
    expect(await field()).toHaveValue('Já vou ver');
    const posts = () => requests.filter((each) => each === `POST /v1/conversations/${MARINA}/messages`);
    expect(posts()).toHaveLength(0);
    await user.click(within(shown).getByRole('button', { name: 'Enviar mesmo assim' }));
    await waitFor(() => expect(posts()).toHaveLength(1));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('what is discarded for a newer answer can be brought back', async () => {
    const { api, user } = await open();
    await user.click(await field());
    await user.keyboard('Já vou ver');
    answers(api, 'Resolvido.');
    await within(screen.getByRole('log')).findByText('Resolvido.');
    await user.keyboard('{Enter}');
    await user.click(within(await screen.findByRole('alert')).getByRole('button', { name: 'Descartar' }));
    expect(await field()).toHaveValue('');
    await user.click(await screen.findByRole('button', { name: 'Desfazer' }));
    expect(await field()).toHaveValue('Já vou ver');
  });

  it('an answer that was there before one began asks nothing', async () => {
    const { api, user, requests } = await open();
    await field();
    answers(api, 'Antes de tudo.');
    await within(screen.getByRole('log')).findByText('Antes de tudo.');
    await user.click(await field());
    await user.keyboard('depois{Enter}');
    await waitFor(() => expect(requests).toContain(`POST /v1/conversations/${MARINA}/messages`));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('who loses a ticket to somebody else is told by whom', async () => {
    const { api } = await open((each) => Object.assign(each.conversations[0]!, { in_charge: 'ticket', ticket: { ...ticket, agent: { id: me.user.id, name: me.user.name } } }));
    await field();
    await waitFor(() => expect(preferences().owner).toBe(me.user.id));
    api.conversations[0]!.ticket = { ...ticket, agent: carla };
    act(() => api.event('ticket.updated', MARINA, 70));
    expect(await screen.findByText(/^Carla Menezes assumiu o atendimento de/)).toBeVisible();
  });

  it('a ticket that only its agent writes in is taken over from the notice', async () => {
    const { api, user } = await open((each) => Object.assign(each.conversations[0]!, { in_charge: 'ticket', ticket: { ...ticket, agent: carla, write_locked: true } }));
    const composer = await screen.findByRole('region', { name: 'Escrever' });
    await user.click(await within(composer).findByRole('button', { name: 'Assumir' }));
    await waitFor(() => expect(api.conversations[0]!.ticket?.agent?.id).toBe(me.user.id));
  });

  it('a supervisor watches without marking as read, and stops with one press (rule 081)', async () => {
    const { user, requests } = await open((api) => {
      api.profile.preferences = { watching: true };
      api.conversations[0]!.unread_count = 2;
      localStorage.setItem('perene.preferences', JSON.stringify({ owner: me.user.id, watching: true }));
      dispatchEvent(new StorageEvent('storage', { key: 'perene.preferences' }));
    });
    await screen.findByText('Acompanhando: nada é marcado como lido.');
    expect(requests).not.toContain(`POST /v1/conversations/${MARINA}/read`);
    await user.click(screen.getByRole('button', { name: 'Parar de acompanhar' }));
    await waitFor(() => expect(requests).toContain(`POST /v1/conversations/${MARINA}/read`));
  });
});
