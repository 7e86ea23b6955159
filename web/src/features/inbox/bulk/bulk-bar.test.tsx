import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';
import { inTurns } from './run';

const names = () => screen.getAllByRole('link').filter((link) => link.hasAttribute('data-conversation'));
const rowOf = (name: string) => names().find((link) => within(link).queryByText(name) !== null)!;
const bar = () => screen.findByRole('toolbar', { name: 'Conversas selecionadas' });

/** Three tickets: two wait, and the third too, as far as the screen knows. */
const THREE = ['Marina Albuquerque', 'João Pedro Nogueira', 'Rafael Teixeira de Sousa'];
function waiting(api: MockApi) {
  for (const [place, each] of api.conversations.entries()) {
    if (!THREE.includes(each.contact.name)) continue;
    delete each.flow_run;
    each.in_charge = 'ticket';
    each.unread_count = 0;
    each.labels = [];
    each.ticket = { id: 70 + place, protocol: `2026113000${place}`, state: 'waiting', origin: 'receptive', opened_at: new Date().toISOString(), opened_by: { kind: 'flow' }, write_locked: false };
  }
}
const ofName = (api: MockApi, name: string) => api.conversations.find((each) => each.contact.name === name)!;

async function selectThree(prepare: (api: MockApi) => void = waiting) {
  const app = renderApp('/conversas?visao=todos', prepare);
  const user = userEvent.setup();
  await waitFor(() => expect(rowOf(THREE[2]!)).toBeDefined());
  for (const name of THREE) await user.click(screen.getByRole('checkbox', { name: `Selecionar ${name}` }));
  return { ...app, user, toolbar: await bar() };
}

describe('several conversations at once', () => {
  it('are accepted one by one: what was done is told, and what was refused with its reason', async () => {
    const { api, user, toolbar, bodies, requests } = await selectThree();
    expect(within(toolbar).getByText('3 selecionadas')).toBeVisible();
    await expectAccessible(toolbar);
    // Somebody else was faster, and this screen has not heard of it.
    const taken = ofName(api, 'João Pedro Nogueira');
    taken.ticket = { ...taken.ticket!, state: 'open', agent: { id: 2, name: 'Bruno Castro' } };
    const before = bodies.length;
    await user.click(within(toolbar).getByRole('button', { name: 'Aceitar' }));
    // The notice stands there twice: to be seen, and to be said aloud at once.
    const notices = await screen.findByRole('region', { name: 'Avisos' });
    await waitFor(() => expect(notices).toHaveTextContent(/Aceitar: 2 feitas, 1 recusada/));
    expect(notices).toHaveTextContent(/João Pedro Nogueira: Bruno Castro aceitou há \d+ s\./);
    expect(['Marina Albuquerque', 'Rafael Teixeira de Sousa'].map((name) => ofName(api, name).ticket?.agent?.name)).toEqual(['Ana Ribeiro', 'Ana Ribeiro']);
    expect(taken.ticket.agent?.name).toBe('Bruno Castro');
    // One request each, with a reference of its own.
    expect(requests.filter((each) => each.endsWith('/accept'))).toHaveLength(3);
    const refs = bodies.slice(before).flatMap((body) => (body as { client_ref?: string }).client_ref ?? []);
    expect(new Set(refs).size).toBe(3);
    // What was refused stays selected.
    expect(within(await bar()).getByText('1 selecionada')).toBeVisible();
    expect(screen.getByRole('checkbox', { name: 'Selecionar João Pedro Nogueira' })).toBeChecked();
  });

  it('are closed after a question that names the effect, and without a text', async () => {
    const { api, user, toolbar, bodies } = await selectThree();
    await user.click(within(toolbar).getByRole('button', { name: 'Encerrar' }));
    const dialog = await screen.findByRole('dialog', { name: 'Encerrar 3 atendimentos?' });
    expect(dialog).toHaveTextContent('Fecha para todos. Nenhuma mensagem de encerramento é enviada');
    expect(THREE.every((name) => ofName(api, name).ticket)).toBe(true);
    await user.click(within(dialog).getByRole('button', { name: 'Encerrar' }));
    expect(await screen.findByText('Encerrar: 3 feitas')).toBeVisible();
    expect(THREE.some((name) => ofName(api, name).ticket)).toBe(false);
    expect(bodies.every((body) => !('text' in (body as object)))).toBe(true);
    await waitFor(() => expect(screen.queryByRole('toolbar', { name: 'Conversas selecionadas' })).toBeNull());
  });

  it('go to a queue by the dialog of one, with a note', async () => {
    const { api, user, toolbar } = await selectThree();
    await user.click(within(toolbar).getByRole('button', { name: 'Transferir' }));
    const dialog = await screen.findByRole('dialog', { name: 'Transferir 3 conversas' });
    await user.click(within(dialog).getByText('Fila', { selector: 'label' }));
    await user.click(within(dialog).getByRole('combobox', { name: 'Fila' }));
    await user.click(await screen.findByRole('option', { name: 'Financeiro' }));
    await user.click(within(dialog).getByRole('button', { name: 'Transferir' }));
    expect(await screen.findByText('Transferir: 3 feitas')).toBeVisible();
    expect(THREE.map((name) => ofName(api, name).ticket?.queue?.name)).toEqual(['Financeiro', 'Financeiro', 'Financeiro']);
  });

  it('are marked as unread, and that is taken back where it was new', async () => {
    const { api, user, toolbar } = await selectThree((each) => {
      waiting(each);
      ofName(each, THREE[1]!).marked_unread = true;
    });
    await user.click(within(toolbar).getByRole('button', { name: 'Mais ações com as selecionadas' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Marcar como não lida' }));
    expect(await screen.findByText('Marcar como não lida: 3 feitas')).toBeVisible();
    expect(THREE.map((name) => ofName(api, name).marked_unread)).toEqual([true, true, true]);
    await user.click(screen.getByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(THREE.map((name) => ofName(api, name).marked_unread)).toEqual([false, true, false]));
  });

  it('get a label, and lose it again', async () => {
    const { user, toolbar, requests } = await selectThree();
    await user.click(within(toolbar).getByRole('button', { name: 'Mais ações com as selecionadas' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Etiqueta' }));
    const dialog = await screen.findByRole('dialog', { name: 'Adicionar etiqueta' });
    await user.click(within(dialog).getByRole('button', { name: 'Adicionar etiqueta' }));
    expect(within(dialog).getByRole('alert')).toHaveTextContent('Escolha uma etiqueta.');
    await user.click(within(dialog).getByRole('combobox', { name: 'Etiqueta' }));
    await user.click(await screen.findByRole('option', { name: 'Troca' }));
    await user.click(within(dialog).getByRole('button', { name: 'Adicionar etiqueta' }));
    expect(await screen.findByText('Etiqueta: 3 feitas')).toBeVisible();
    expect(requests.filter((each) => /^PUT .*\/labels\/2$/.test(each))).toHaveLength(3);
    await user.click(screen.getByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(requests.filter((each) => /^DELETE .*\/labels\/2$/.test(each))).toHaveLength(3));
  });

  it('say that nothing can be accepted or closed where no ticket is open', async () => {
    const { toolbar } = await selectThree((api) => {
      for (const each of api.conversations) delete each.ticket;
    });
    expect(within(toolbar).getByRole('button', { name: 'Aceitar' })).toBeDisabled();
    expect(within(toolbar).getByRole('button', { name: 'Encerrar' })).toHaveAttribute('title', 'Não há atendimento aberto nesta conversa.');
  });
});

describe('the selection', () => {
  it('is left by Escape, which then closes nothing else, and another view begins without it', async () => {
    const app = renderApp('/conversas/1042?visao=todos', waiting);
    const user = userEvent.setup();
    await waitFor(() => expect(rowOf(THREE[0]!)).toBeDefined());
    await user.click(screen.getByRole('checkbox', { name: `Selecionar ${THREE[0]}` }));
    await bar();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('toolbar', { name: 'Conversas selecionadas' })).toBeNull());
    expect(app.router.state.location.pathname).toBe('/conversas/1042');
    await user.click(screen.getByRole('checkbox', { name: `Selecionar ${THREE[0]}` }));
    await bar();
    await user.click(screen.getByRole('link', { name: /^Abertos/ }));
    await waitFor(() => expect(screen.queryByRole('toolbar', { name: 'Conversas selecionadas' })).toBeNull());
  });

  it('is reached by keys: x takes a row, and the command bar has what is done with them', async () => {
    const { api, user } = await selectThree();
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox', { name: 'Barra de comandos' }), '>aceitar 3 selecionadas{Enter}');
    expect(await screen.findByText('Aceitar: 3 feitas')).toBeVisible();
    expect(ofName(api, THREE[0]!).ticket?.agent?.name).toBe('Ana Ribeiro');
  });

  it('begins with a finger that stays, and goes on with taps', async () => {
    const { router } = renderApp('/conversas?visao=todos', waiting);
    await waitFor(() => expect(rowOf(THREE[1]!)).toBeDefined());
    vi.useFakeTimers({ shouldAdvanceTime: true });
    fireEvent.pointerDown(rowOf(THREE[0]!), { pointerType: 'touch' });
    act(() => {
      vi.advanceTimersByTime(500);
    });
    vi.useRealTimers();
    fireEvent.pointerUp(rowOf(THREE[0]!), { pointerType: 'touch' });
    fireEvent.click(rowOf(THREE[0]!));
    expect(await within(await bar()).findByText('1 selecionada')).toBeVisible();
    fireEvent.pointerDown(rowOf(THREE[1]!), { pointerType: 'touch' });
    fireEvent.pointerUp(rowOf(THREE[1]!), { pointerType: 'touch' });
    fireEvent.click(rowOf(THREE[1]!));
    expect(await within(await bar()).findByText('2 selecionadas')).toBeVisible();
    expect(router.state.location.pathname).toBe('/conversas');
  });
});

describe('requests', () => {
  it('are at most so many at once, and each is made', async () => {
    let under = 0;
    let most = 0;
    const made: number[] = [];
    await inTurns([1, 2, 3, 4, 5, 6, 7, 8, 9], 4, async (each) => {
      under += 1;
      most = Math.max(most, under);
      await Promise.resolve();
      await Promise.resolve();
      made.push(each);
      under -= 1;
    });
    expect([most, made.sort((a, b) => a - b)]).toEqual([4, [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  });
});
