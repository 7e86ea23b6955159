import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { BulkJob } from '@/api/types';
import { expectAccessible, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';

const job = (more: Partial<BulkJob> = {}): BulkJob => ({
  id: 3,
  action: 'close',
  state: 'done',
  total: 12,
  done: 10,
  refused: 2,
  undone: 0,
  kept: 0,
  created_at: new Date().toISOString(),
  finished_at: new Date().toISOString(),
  undo_until: new Date(Date.now() + 3_600_000).toISOString(),
  ...more,
});
const strip = () => screen.findByRole('region', { name: 'Ação em várias conversas' });

describe('a job', () => {
  it('is begun for all that match, after a question that names the effect', async () => {
    const prepare = (api: MockApi) => {
      // More match than the page has.
      const first = api.conversations[0]!;
      for (let n = 0; n < 60; n += 1) api.conversations.push({ ...first, id: 2000 + n, number: 2000 + n, contact: { ...first.contact, id: 2000 + n, name: `Cliente ${n}` } });
      api.pageOf = 50;
    };
    const { bodies, api } = renderApp('/conversas?visao=todos', prepare);
    const user = userEvent.setup();
    await user.click((await screen.findAllByRole('checkbox', { name: /^Selecionar/ }))[0]!);
    const bar = await screen.findByRole('toolbar', { name: 'Conversas selecionadas' });
    await user.click(within(bar).getByRole('button', { name: 'Selecionar todas as que estão na lista' }));
    await user.click(await within(bar).findByRole('button', { name: /^Todas as \d+$/ }));
    await user.click(within(bar).getByRole('button', { name: 'Aceitar' }));
    const dialog = await screen.findByRole('dialog', { name: /^Aceitar \d+ atendimentos\?$/ });
    await user.click(within(dialog).getByRole('button', { name: 'Aceitar' }));
    await waitFor(() => expect(api.jobs).toHaveLength(1));
    expect(bodies.at(-1)).toMatchObject({ action: 'accept', filter: { view: 'all' } });
    expect(await strip()).toHaveTextContent(/^Aceitar: 0 de \d+/);
  });

  it('takes a label off, changes the priority, snoozes and reads: what is selected, or all that match', async () => {
    const { bodies, api } = renderApp('/conversas?visao=todos');
    const user = userEvent.setup();
    const ask = async (item: string) => {
      await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
      await user.click((await screen.findAllByRole('checkbox', { name: /^Selecionar/ }))[0]!);
      await user.click(within(await screen.findByRole('toolbar', { name: 'Conversas selecionadas' })).getByRole('button', { name: 'Mais ações com as selecionadas' }));
      await user.click(await screen.findByRole('menuitem', { name: item }));
      return await screen.findByRole('dialog', { name: /1 conversas/ });
    };
    const one = [api.conversations[0]!.id];
    const begun = async (jobs: number, body: object) => {
      await waitFor(() => expect(api.jobs).toHaveLength(jobs));
      expect(bodies).toContainEqual(expect.objectContaining({ conversation_ids: one, ...body }));
    };
    let dialog = await ask('Prioridade');
    await expectAccessible(dialog);
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Prioridade' }), 'Urgente');
    await user.click(within(dialog).getByRole('button', { name: 'Prioridade' }));
    await begun(1, { action: 'prioritize', priority: 'urgent' });
    dialog = await ask('Adiar');
    await user.click(within(dialog).getByRole('button', { name: 'Adiar' }));
    await begun(2, { action: 'snooze', until_reply: true });
    dialog = await ask('Marcar como lida');
    await user.click(within(dialog).getByRole('button', { name: 'Marcar como lida' }));
    await begun(3, { action: 'mark_read' });
    dialog = await ask('Tirar etiqueta');
    await user.click(within(dialog).getByRole('combobox', { name: 'Etiqueta' }));
    await user.click(await screen.findByRole('option', { name: 'VIP' }));
    await user.click(within(dialog).getByRole('button', { name: 'Tirar etiqueta' }));
    await begun(4, { action: 'label_remove', label_id: api.settings.labels.find(({ name }) => name === 'VIP')?.id });
  });

  it('is there after a reload, says what was refused and why, and is undone', async () => {
    const { api } = renderApp('/conversas?visao=todos', (each) => {
      each.jobs.push(job());
      each.refusals.push(
        { conversation_id: 1, number: 1042, contact: 'Marina', undo: false, key: 'ticket.none', args: {} },
        { conversation_id: 2, undo: false, key: 'bulk.hidden', args: {} },
      );
    });
    const user = userEvent.setup();
    const there = await strip();
    expect(there).toHaveTextContent('Encerrar: 10 feitas, 2 recusadas');
    await expectAccessible(there);
    await user.click(within(there).getByRole('button', { name: 'Ver os motivos' }));
    const dialog = await screen.findByRole('dialog', { name: 'O que não foi feito, e por quê' });
    expect(await within(dialog).findByText('Não há atendimento aberto nesta conversa.')).toBeVisible();
    expect(within(dialog).getByText('Saiu do que você pode ver antes da sua vez.')).toBeVisible();
    await user.keyboard('{Escape}');
    await user.click(within(await strip()).getByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(api.jobs[0]?.state).toBe('undoing'));
    await waitFor(async () => expect(await strip()).toHaveTextContent('Desfazendo: 0 de 10'));
  });

  it('is put away', async () => {
    localStorage.clear();
    renderApp('/conversas?visao=todos', (each) => each.jobs.push(job({ id: 9 })));
    await userEvent.click(within(await strip()).getByRole('button', { name: 'Dispensar o aviso' }));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Ação em várias conversas' })).toBeNull());
    localStorage.clear();
  });
});
