import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Filter } from '@/api/types';
import { expectAccessible, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';
import { filterOf, isComplete, newCondition, treeOf } from './filter-tree';

const names = () => screen.getAllByRole('link').filter((link) => link.hasAttribute('data-conversation'));
const now = new Date().toISOString();
function withView(api: MockApi, more: object = {}) {
  api.views.push({ id: 5, name: 'Não lidas', filter: { field: 'unread', op: 'is', value: true }, sharing: 'account', queues: [], editable: true, created_at: now, updated_at: now, ...more });
}

describe('the tree of the builder', () => {
  it('gives back every filter that it was made of', () => {
    const filters: Filter[] = [
      { and: [{ field: 'unread', op: 'is', value: true }, { or: [{ field: 'agent', op: 'in', value: ['me', 3] }, { not: { or: [{ field: 'label', op: 'in', value: [1] }] } }] }] },
      { or: [{ field: 'waiting_since', op: 'older_than', value: 90 }, { field: 'contact_field', op: 'contains', key: 'plano', value: 'Ouro' }, { field: 'queue', op: 'empty' }] },
      { not: { or: [{ field: 'state', op: 'in', value: ['none'] }] } },
    ];
    for (const filter of filters) expect(filterOf(treeOf(filter))).toEqual(filter);
    expect(filterOf(treeOf({ field: 'unread', op: 'is', value: false }))).toEqual({ and: [{ field: 'unread', op: 'is', value: false }] });
  });

  it('leaves out rows that say too little', () => {
    const tree = treeOf({ and: [{ field: 'unread', op: 'is', value: true }] });
    tree.parts.push(newCondition('label'), newCondition('contact_field'));
    expect(filterOf(tree)).toEqual({ and: [{ field: 'unread', op: 'is', value: true }] });
    expect(isComplete({ ...newCondition('opened_at'), value: '0' })).toBe(false);
  });
});

describe('saved views', () => {
  it('are built with a group, counted while one builds, saved and shown', async () => {
    const { api, bodies, router } = renderApp('/conversas?visao=todos');
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'Visões salvas' }));
    const empty = await screen.findByRole('dialog', { name: 'Visões salvas' });
    expect(within(empty).getByText('Nenhuma visão salva ainda')).toBeVisible();
    await user.click(within(empty).getByRole('button', { name: 'Nova visão' }));
    const dialog = await screen.findByRole('dialog', { name: 'Nova visão' });
    await user.type(within(dialog).getByLabelText('Nome da visão'), 'Troca ou não lida');
    await user.selectOptions(within(dialog).getByLabelText('Mostrar conversas em que'), 'qualquer uma');
    await user.selectOptions(within(dialog).getByLabelText('Campo'), 'Não lida');
    await waitFor(() => expect(within(dialog).getByRole('status')).toHaveTextContent(/^\d+ conversas? para você agora/));
    await user.click(within(dialog).getByRole('button', { name: 'Grupo' }));
    expect(within(dialog).getByText('Falta o valor: esta condição ainda não conta.')).toBeVisible();
    const inner = within(within(dialog).getAllByRole('group', { name: 'Grupo de condições' })[1]!);
    await user.selectOptions(inner.getByLabelText('Campo'), 'Etiqueta');
    await user.click(inner.getByRole('combobox', { name: 'Etiqueta: Valor' }));
    await user.click(await screen.findByRole('option', { name: 'Troca' }));
    await user.keyboard('{Escape}');
    await expectAccessible(dialog);
    await user.click(await within(dialog).findByRole('button', { name: 'Salvar visão' }));
    await waitFor(() => expect(router.state.location.search).toEqual({ salva: 700 }));
    expect(bodies.at(-1)).toMatchObject({
      name: 'Troca ou não lida',
      sharing: 'private',
      filter: { or: [{ field: 'unread', op: 'is', value: true }, { and: [{ field: 'label', op: 'in', value: [2] }] }] },
    });
    const tab = await screen.findByRole('link', { name: /Troca ou não lida/ });
    expect(tab).toHaveAttribute('aria-current', 'page');
    await waitFor(() => expect(names()).toHaveLength(api.conversations.filter((each) => each.unread_count > 0 || each.labels.some(({ id }) => id === 2)).length));
  });

  it('are links, and a link to one that is not shared says so', async () => {
    renderApp('/conversas?salva=99', (api) => withView(api));
    expect(await screen.findByText('Esta visão não está disponível para você')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Ver todas as conversas' }));
    await waitFor(() => expect(names().length).toBeGreaterThan(0));
  });

  it('show that nothing is in them, and are ordered and deleted by keys', async () => {
    const { api } = renderApp('/conversas?salva=5', (each) => {
      withView(each, { filter: { field: 'queue', op: 'in', value: [999] } });
      withView(each, { id: 6, name: 'Segunda' });
    });
    const user = userEvent.setup();
    expect(await screen.findByText('Nada nesta visão agora')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Visões salvas' }));
    const dialog = await screen.findByRole('dialog', { name: 'Visões salvas' });
    (await within(dialog).findByRole('button', { name: 'Mover Segunda' })).focus();
    await user.keyboard('{ArrowUp}');
    await waitFor(() => expect(api.views.map(({ id }) => id)).toEqual([6, 5]));
    await user.click(within(dialog).getByRole('button', { name: 'Mais ações: Não lidas' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Excluir' }));
    await user.click(within(await screen.findByRole('dialog', { name: 'Excluir a visão Não lidas?' })).getByRole('button', { name: 'Excluir' }));
    await waitFor(() => expect(api.views.map(({ id }) => id)).toEqual([6]));
  });
});
