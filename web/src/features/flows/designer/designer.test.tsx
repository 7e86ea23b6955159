import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setOverlay } from '@/app/sheet-state';
import { expectAccessible, renderApp } from '@/test/app';
import type { Doc } from './document/document';

afterEach(() => {
  vi.unstubAllGlobals();
  setOverlay('none');
  localStorage.clear();
});

/** The draft as the mock server has it. */
const draft = (api: ReturnType<typeof renderApp>['api'], id = 7) => api.flows.one(id)?.draft as Doc;

describe('the designer, as a list', () => {
  it('changes a node by its settings, saves, and takes it back by name', async () => {
    const user = userEvent.setup();
    const { api, container } = renderApp('/fluxos/7/editar?ver=lista');
    await user.click(await screen.findByRole('button', { name: /^Menu principal/ }));
    const panel = screen.getByRole('complementary', { name: 'Ajustes de Menu principal' });
    const title = within(panel).getAllByRole('combobox', { name: /^Título/ })[0]!;
    fireEvent.change(title, { target: { value: 'Pedidos' } });
    await expectAccessible(container);
    await waitFor(() => expect(draft(api).nodes[0]?.settings?.options).toEqual(expect.arrayContaining([{ id: 'pedido', title: 'Pedidos' }])), { timeout: 10_000 });
    expect(await screen.findByText('Salvo')).toBeVisible();
    // The way of the choice is kept, and everything else in the document too.
    expect(draft(api).nodes[0]?.outputs).toMatchObject({ pedido: 'numero', timeout: 'fim' });
    expect(draft(api).spec_version).toBe(1);
    await user.click(screen.getByRole('button', { name: /^Desfazer: mudar Menu principal/ }));
    await waitFor(() => expect(draft(api).nodes[0]?.settings?.options).toEqual(expect.arrayContaining([{ id: 'pedido', title: 'Meu pedido' }])), { timeout: 10_000 });
  });

  it('leaves the focus to who is in a field of the settings already', async () => {
    renderApp('/fluxos/7/editar?ver=lista');
    const row = await screen.findByRole('button', { name: /^Menu principal/ });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      fireEvent.click(row);
      const second = within(screen.getByRole('complementary', { name: 'Ajustes de Menu principal' })).getAllByRole('combobox', { name: /^Título/ })[1]!;
      act(() => second.focus());
      act(() => void vi.advanceTimersByTime(1000));
      expect(second).toHaveFocus();
    } finally {
      vi.useRealTimers();
    }
  });

  it('leads an output elsewhere by keys, adds a node behind one, and tells what the linter says', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/fluxos/7/editar?ver=lista');
    await user.click(await screen.findByRole('button', { name: /^Mostra a situação/ }));
    const panel = screen.getByRole('complementary', { name: 'Ajustes de Mostra a situação' });
    await user.selectOptions(within(panel).getByRole('combobox', { name: 'segue' }), 'Menu principal');
    await waitFor(() => expect(draft(api).nodes.find(({ id }) => id === 'situacao')?.outputs).toEqual({ ok: 'menu' }), { timeout: 10_000 });
    await user.click(screen.getByRole('button', { name: 'Adicionar depois de CPF, em sem resposta' }));
    const dialog = await screen.findByRole('dialog', { name: 'Adicionar bloco' });
    await user.type(within(dialog).getByRole('combobox'), 'transferir para fila{Enter}');
    await waitFor(() => expect(draft(api).nodes.find(({ id }) => id === 'cpf')?.outputs).toMatchObject({ timeout: 'action_1' }), { timeout: 10_000 });
    await user.click(screen.getByRole('button', { name: /^Problemas: \d/ }));
    const problems = await screen.findByRole('region', { name: 'Problemas do rascunho' });
    await user.click(within(problems).getByText(/A saída leva a um nó que não existe/));
    expect(await screen.findByRole('complementary', { name: 'Ajustes de Fora do horário' })).toBeVisible();
    // Errors stop publishing and not saving.
    await user.click(screen.getByRole('button', { name: 'Publicar' }));
    const publish = await screen.findByRole('dialog', { name: 'Publicar a versão 8' });
    expect(within(publish).getByRole('alert')).toHaveTextContent('1 erro impede a publicação');
    expect(within(publish).getByRole('button', { name: 'Publicar agora' })).toBeDisabled();
    expect(await within(publish).findByText('2 conversas continuam na versão 7 até terminar.')).toBeVisible();
    expect(await within(publish).findByText(/^Novo: Transferir para fila/)).toBeVisible();
  });
});

describe('the simulator', () => {
  it('talks with the draft, lights where it stands, lets time pass, and goes back (rule D09)', async () => {
    const user = userEvent.setup();
    const { container } = renderApp('/fluxos/7/editar?ver=lista');
    await user.click(await screen.findByRole('button', { name: 'Experimentar' }));
    const sheet = await screen.findByRole('dialog', { name: 'Experimentar' });
    await user.type(await within(sheet).findByRole('textbox', { name: 'Escreva como o contato' }), 'oi{Enter}');
    expect(await within(sheet).findByText('Texto de Menu principal')).toBeVisible();
    await user.click(await within(sheet).findByRole('button', { name: 'Meu pedido' }));
    expect(await within(sheet).findByRole('button', { name: /^Está em Número/ })).toBeVisible();
    expect(within(sheet).getByRole('textbox', { name: /pedido/ })).toHaveValue('123');
    await expectAccessible(container);
    await user.click(within(sheet).getByRole('button', { name: '+1 h' }));
    expect(await within(sheet).findByText(/^O tempo passou até/)).toBeVisible();
    await user.click(within(sheet).getByRole('button', { name: 'Voltar um passo' }));
    await waitFor(() => expect(within(sheet).queryByText(/^O tempo passou até/)).toBeNull());
    await user.click(within(sheet).getByRole('button', { name: 'Quem escreve e quando' }));
    expect(await within(sheet).findByRole('textbox', { name: 'Nome do contato' })).toBeVisible();
    await expectAccessible(container);
    await user.click(within(sheet).getByRole('button', { name: 'Recomeçar' }));
    expect(await within(sheet).findByText(/^Escreva como se fosse o contato/)).toBeVisible();
  });
});

describe('flows', () => {
  it('begin from an example, and are renamed and archived', async () => {
    const user = userEvent.setup();
    const { api, router, container } = renderApp('/fluxos');
    await user.click(await screen.findByRole('button', { name: 'Novo fluxo' }));
    const dialog = await screen.findByRole('dialog', { name: 'Novo fluxo' });
    await user.click(within(dialog).getByRole('radio', { name: /^Boas-vindas com menu/ }));
    await expectAccessible(container);
    await user.click(within(dialog).getByRole('button', { name: 'Criar e desenhar' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/fluxos/101/editar'));
    expect(draft(api, 101).nodes.length).toBeGreaterThan(5);
    expect(draft(api, 101).$schema).toBeUndefined();
    await router.navigate({ to: '/fluxos' });
    await user.click(await screen.findByRole('button', { name: 'O que fazer com Boas-vindas com menu' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Renomear ou mudar a categoria' }));
    const rename = await screen.findByRole('dialog', { name: 'Renomear ou mudar a categoria' });
    await user.clear(within(rename).getByRole('textbox', { name: 'Nome' }));
    await user.type(within(rename).getByRole('textbox', { name: 'Nome' }), 'Recepção');
    await user.click(within(rename).getByRole('button', { name: 'Salvar' }));
    await user.click(await screen.findByRole('button', { name: 'O que fazer com Recepção' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Arquivar' }));
    await user.click(within(await screen.findByRole('dialog', { name: 'Arquivar Recepção?' })).getByRole('button', { name: 'Arquivar' }));
    await waitFor(() => expect(screen.queryByRole('link', { name: 'Recepção' })).toBeNull());
    await user.click(screen.getByRole('button', { name: 'Arquivados' }));
    expect(await screen.findByRole('link', { name: 'Recepção' })).toBeVisible();
  });
});
