import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Conversation } from '@/api/types';
import { conversationKeys } from '@/api/queries/conversations';
import { expectAccessible, forgetPreferences, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';
import { listsOf } from '@/test/mock/inbox';
import { countWords } from './views';

const drawn = vi.hoisted(() => new Map<string, number>());

// Each row draws one avatar, and nothing else of the list does.
vi.mock('@/components/avatar', () => ({
  Avatar: ({ name }: { name: string }) => {
    drawn.set(name, (drawn.get(name) ?? 0) + 1);
    return <span>{name.charAt(0)}</span>;
  },
}));

afterEach(forgetPreferences);

const list = () => screen.findByRole('region', { name: 'Lista de conversas' });
const names = () => screen.getAllByRole('link').filter((link) => link.hasAttribute('data-conversation'));
const rowOf = (name: string) => names().find((link) => within(link).queryByText(name) !== null);
const tab = (name: RegExp) => screen.findByRole('link', { name });
const inView = (api: MockApi, view: 'open' | 'mine' | 'attended') => api.conversations.filter((each) => listsOf(each).includes(view));
const notMine = (api: MockApi) => {
  for (const each of api.conversations) if (each.ticket?.agent?.id === 1) each.ticket = { ...each.ticket, agent: { id: 2, name: 'Bruno Castro' } };
};

describe('the views', () => {
  it('begin with one’s own tickets, and without any with the open ones (rules 062, 063)', async () => {
    const { unmount } = renderApp('/conversas');
    await waitFor(async () => expect(await tab(/^Meus/)).toHaveAttribute('aria-current', 'page'));
    await waitFor(() => expect(names()).toHaveLength(1));
    expect(rowOf('Helena Duarte')).toBeVisible();
    unmount();
    const { api } = renderApp('/conversas', notMine);
    await waitFor(async () => expect(await tab(/^Abertos/)).toHaveAttribute('aria-current', 'page'));
    await waitFor(() => expect(names()).toHaveLength(inView(api, 'open').length));
  });

  it('are in the address, change by one key each way, and keep what narrows them', async () => {
    const user = userEvent.setup();
    const { router, requests } = renderApp('/conversas?visao=abertos&fila=1');
    await waitFor(() => expect(names().length).toBeGreaterThan(0));
    await user.keyboard(']');
    await waitFor(() => expect(router.state.location.search).toEqual({ visao: 'meus', fila: 1 }));
    await user.keyboard('[[');
    await user.keyboard('[[');
    await waitFor(() => expect(router.state.location.search).toEqual({ visao: 'todos', fila: 1 }));
    await user.keyboard('4');
    await waitFor(() => expect(router.state.location.search).toEqual({ visao: 'atendimento', fila: 1 }));
    await waitFor(() => expect(requests.some((each) => each.includes('view=attended') && each.includes('queue_id=1'))).toBe(true));
  });

  it('say how many they have: nothing at 0, and 999+ above 999', () => {
    expect([0, 1, 999, 1000].map(countWords)).toEqual(['', '1', '999', '999+']);
  });

  it.each(['open', 'mine', 'attended', 'snoozed'] as const)('teach when there is nothing (%s)', async (view) => {
    const visao = { open: 'abertos', mine: 'meus', attended: 'atendimento', snoozed: 'adiados' }[view];
    const { container } = renderApp(`/conversas?visao=${visao}`, (api) => {
      for (const each of api.conversations) delete each.ticket;
    });
    const words = { open: 'Nada esperando por atendimento', mine: 'Nenhum atendimento com você', attended: 'Ninguém está em atendimento', snoozed: 'Nada adiado' };
    expect(await screen.findByRole('heading', { name: words[view] })).toBeVisible();
    await expectAccessible(container);
  });
});

describe('filters and orders', () => {
  it('are in the address, each as a chip that takes itself off', async () => {
    const user = userEvent.setup();
    const { router } = renderApp('/conversas?visao=todos&filtro=nao-lidas&fila=1&janela=expirando&ordem=abertura-antiga');
    const chips = await screen.findByRole('list', { name: 'Filtros ligados' });
    await waitFor(() => expect(chips).toHaveTextContent('Fila: Suporte'));
    expect(chips).toHaveTextContent('Só não lidas');
    expect(chips).toHaveTextContent('Janela de 24 h: Expirando');
    expect(chips).toHaveTextContent('Abertura mais antiga');
    await user.click(within(chips).getByRole('button', { name: 'Tirar Fila: Suporte' }));
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty('fila'));
    await user.click(screen.getByRole('button', { name: 'Limpar' }));
    await waitFor(() => expect(router.state.location.search).toEqual({ visao: 'todos', ordem: 'abertura-antiga' }));
  });

  it('are chosen in one panel, with the words of rule 073', async () => {
    const user = userEvent.setup();
    const { api, router, container } = renderApp('/conversas?visao=todos');
    await user.click(await screen.findByRole('button', { name: 'Filtros e ordem' }));
    const order = await screen.findByRole('combobox', { name: 'Ordem' });
    expect(within(order).getAllByRole('option').map((each) => each.textContent)).toEqual(['Mais recente', 'Mais antiga', 'Abertura mais recente', 'Abertura mais antiga']);
    await expectAccessible(container);
    await user.selectOptions(order, 'Abertura mais recente');
    await waitFor(() => expect(router.state.location.search).toEqual({ visao: 'todos', ordem: 'abertura-recente' }));
    await waitFor(() => expect(api.profile.preferences.order).toBe('opened_recent'));
  });

  it('are those that were chosen last, on any device, and the address goes before', async () => {
    const { requests, router } = renderApp('/conversas?visao=todos', (api) => {
      api.profile.preferences = { order: 'oldest' };
    });
    const chips = await screen.findByRole('list', { name: 'Filtros ligados' });
    expect(chips).toHaveTextContent('Mais antiga');
    await waitFor(() => expect(requests.some((each) => each.includes('order=oldest'))).toBe(true));
    await act(() => router.navigate({ to: '/conversas', search: { visao: 'todos', ordem: 'recentes' } }));
    await waitFor(() => expect(screen.queryByRole('list', { name: 'Filtros ligados' })).toBeNull());
  });
});

describe('a row', () => {
  it('says queue, agent, urgency, wait and labels in words too (rules 034, 078, 080, 107)', async () => {
    renderApp('/conversas?visao=todos', (api) => {
      Object.assign(api.conversations[3]!, { followed: true, marked_unread: true, unread_count: 0 });
      api.conversations[3]!.last_message = { ...api.conversations[3]!.last_message!, direction: 'note', origin: 'agent', preview: 'liga amanhã' };
    });
    await waitFor(() => expect(rowOf('Rafael Teixeira de Sousa')).toBeDefined());
    const row = within(rowOf('Rafael Teixeira de Sousa')!);
    expect(row.getByTitle('Fila: Suporte')).toBeVisible();
    expect(row.getByRole('img', { name: /^Em atendimento com Bruno Castro desde/ })).toBeVisible();
    expect(row.getByRole('img', { name: 'WhatsApp: Atendimento' })).toBeInTheDocument();
    expect(row.getByRole('img', { name: 'Prioridade: urgente' })).toBeVisible();
    expect(row.getByRole('img', { name: 'Etiquetas: Troca' })).toBeVisible();
    expect(row.getByRole('img', { name: 'Você segue esta conversa' })).toBeVisible();
    expect(row.getByRole('img', { name: 'Marcada como não lida' })).toBeVisible();
    expect(row.getByText(/ sem resposta$/)).toBeVisible();
    expect(row.getByText('Nota:')).toBeVisible();
  });

  it('says that an answer to it has been begun', async () => {
    renderApp('/conversas?visao=todos', (api) => {
      api.drafts.push({ conversation_id: 901, mode: 'reply', preview: 'Bom dia, João', revision: 1, updated_at: new Date().toISOString() });
    });
    await waitFor(() => expect(within(rowOf('João Pedro Nogueira')!).getByText('Rascunho:')).toBeVisible());
    expect(within(rowOf('João Pedro Nogueira')!).getByText('Bom dia, João')).toBeVisible();
  });

  it('says until when it is put off, and why', async () => {
    renderApp('/conversas?visao=adiados');
    await waitFor(() => expect(rowOf('Renato Siqueira')).toBeDefined());
    expect(within(rowOf('Renato Siqueira')!).getByTitle(/^Adiado até .*: Aguardando o estoque$/)).toBeVisible();
  });

  it('is the only one that renders when one thing of it changes', async () => {
    const { api } = renderApp('/conversas?visao=todos');
    await waitFor(() => expect(rowOf('João Pedro Nogueira')).toBeDefined());
    await waitFor(() => expect(screen.getByRole('link', { name: /^Todos/ })).toHaveTextContent('24'));
    drawn.clear();
    api.conversations[1] = { ...api.conversations[1]!, unread_count: 4 };
    act(() => api.event('conversation.updated', 901, 901));
    await waitFor(() => expect(within(rowOf('João Pedro Nogueira')!).getByRole('img', { name: '4 não lidas' })).toBeVisible());
    expect([...drawn]).toEqual([['João Pedro Nogueira', 1]]);
  });
});

describe('the search', () => {
  it('finds messages too, and opens the conversation at the one that was found', async () => {
    const user = userEvent.setup();
    const { api, router } = renderApp('/conversas?visao=todos&busca=cafeteira');
    const wanted = api.messages.find((each) => each.content.text?.includes('cafeteira'))!;
    await waitFor(() => expect(names()).toHaveLength(1));
    expect(within(names()[0]!).getByText(/^Na conversa: .*cafeteira/)).toBeVisible();
    await user.click(names()[0]!);
    await waitFor(() => expect(router.state.location.search).toEqual({ visao: 'todos', busca: 'cafeteira', mensagem: wanted.id }));
    expect(await within(await screen.findByRole('log')).findByText(/cafeteira/)).toBeVisible();
  });
});

describe('rows under a pointer', () => {
  it('stay where they are: new ones wait behind a button', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/conversas?visao=todos');
    await waitFor(() => expect(names().length).toBeGreaterThan(2));
    await user.hover(rowOf('João Pedro Nogueira')!);
    const before = names().map((row) => row.dataset.conversation);
    const moved = api.conversations[5]!;
    moved.last_message_at = new Date().toISOString();
    const fresh: Conversation = { ...api.conversations[4]!, id: 2000, number: 2000, last_message_at: new Date().toISOString(), contact: { ...moved.contact, id: 3000, name: 'Zilda Nova' } };
    api.conversations.push(fresh);
    act(() => {
      api.event('message.created', moved.id, 1);
      api.event('message.created', fresh.id, 2);
    });
    const pill = await screen.findByRole('button', { name: '2 novas' });
    expect(names().map((row) => row.dataset.conversation)).toEqual(before);
    await user.click(pill);
    await waitFor(() => expect(names()[0]?.dataset.conversation).toBe('2000'));
    expect(names()[1]?.dataset.conversation).toBe(String(moved.number));
  });
});

describe('the count of a view', () => {
  it('is the number of its rows, though one event in ten is lost', async () => {
    const { api, client } = renderApp('/conversas?visao=abertos', notMine);
    const start = inView(api, 'open').length;
    await waitFor(() => expect(names()).toHaveLength(start));
    act(() => {
      for (const [place, each] of api.conversations.filter((one) => !one.ticket).slice(0, 10).entries()) {
        each.in_charge = 'ticket';
        each.ticket = { id: 500 + place, protocol: `20261122000${place}`, state: 'waiting', origin: 'receptive', opened_by: { kind: 'flow' }, write_locked: false, opened_at: new Date().toISOString() };
        if (place !== 4) api.event('ticket.updated', each.id, each.id);
      }
    });
    const told = async () => Number(within(await tab(/^Abertos/)).getByText(/^\d+$/).textContent);
    await waitFor(async () => expect([names().length, await told()]).toEqual([start + 10, start + 10]));
    expect(client.getQueryCache().findAll({ queryKey: conversationKeys.lists }).length).toBeGreaterThan(0);
  });
});

describe('the menu of a row', () => {
  it('marks as unread, at once and for everybody (rule 081)', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp('/conversas?visao=todos');
    await waitFor(() => expect(rowOf('Marina Albuquerque')).toBeDefined());
    await user.click(within(await list()).getByRole('button', { name: 'Mais ações: Marina Albuquerque' }));
    await user.click(await screen.findByRole('menuitem', { name: /Marcar como não lida/ }));
    await waitFor(() => expect(within(rowOf('Marina Albuquerque')!).getByRole('img', { name: 'Marcada como não lida' })).toBeVisible());
    await waitFor(() => expect(requests).toContain('PATCH /v1/conversations/900'));
  });
});
