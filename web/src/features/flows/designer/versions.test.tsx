import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setOverlay } from '@/app/sheet-state';
import { expectAccessible, renderApp } from '@/test/app';

afterEach(() => {
  vi.unstubAllGlobals();
  setOverlay('none');
  localStorage.clear();
});

describe('the versions of a flow', () => {
  it('are compared as a list and side by side, and an earlier one is published again', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/fluxos/7/editar?ver=lista');
    await screen.findByRole('button', { name: /^Menu principal/ });
    await user.click(screen.getByRole('button', { name: 'Versões' }));
    const sheet = await screen.findByRole('dialog', { name: 'Versões' });
    await user.click(await within(sheet).findByRole('button', { name: /^Versão 5/ }));
    await user.selectOptions(await within(sheet).findByRole('combobox', { name: 'Comparar com' }), 'o rascunho');

    await user.click(within(sheet).getByRole('button', { name: 'Lado a lado' }));
    const both = await screen.findByRole('dialog', { name: /^Versão 5 e o rascunho/ });
    await user.click(within(both).getByRole('checkbox', { name: 'Mostrar também os blocos iguais' }));
    expect(within(both).getAllByText('Menu principal').length).toBeGreaterThan(1);
    await expectAccessible(both);
    await user.click(within(both).getByRole('button', { name: 'Fechar' }));

    await user.click(within(sheet).getByRole('button', { name: 'Publicar de novo' }));
    const ask = await screen.findByRole('dialog', { name: 'Voltar à versão 5' });
    expect(within(ask).getByRole('textbox', { name: 'Nota da versão' })).toHaveValue('De volta à versão 5');
    await user.click(within(ask).getByRole('checkbox', { name: 'Levar para esta versão quem espera' }));
    await expectAccessible(ask);
    await user.click(within(ask).getByRole('button', { name: 'Publicar agora' }));
    await waitFor(() => expect(api.flows.one(7)?.published?.number).toBe(8));
  });
});
