import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';

const row = (name: string) => screen.findByRole('button', { name: new RegExp(`^${name}`) });

describe('the settings of the library', () => {
  it('rename a file and move it to a folder that the list then has', async () => {
    const user = userEvent.setup();
    const { api, container } = renderApp('/ajustes?secao=biblioteca');
    await user.click(await row('Fachada da loja'));
    const dialog = await screen.findByRole('dialog', { name: 'Arquivo Fachada da loja' });
    for (const field of within(dialog).getAllByRole('textbox')) expect(field).toHaveAccessibleDescription();
    await expectAccessible(dialog);
    const name = within(dialog).getByRole('textbox', { name: 'Nome' });
    await user.clear(name);
    await user.type(name, 'A nossa loja');
    await user.type(within(dialog).getByRole('combobox', { name: /^Pasta/ }), 'Fotos');
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    await row('A nossa loja');
    expect(api.library.find(({ id }) => id === 2)).toMatchObject({ name: 'A nossa loja', folder: 'Fotos' });
    expect(await screen.findByRole('button', { name: 'Fotos · 1' })).toBeVisible();
    await expectAccessible(container);
  });

  it('take a file out at once, with a way back', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=biblioteca');
    await user.click(await screen.findByRole('button', { name: 'Tirar Obrigado da biblioteca' }));
    await waitFor(() => expect(api.library.some(({ name }) => name === 'Obrigado')).toBe(false));
    await user.click(await screen.findByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(api.library[0]).toMatchObject({ name: 'Obrigado', folder: 'Figurinhas', media: { id: 503 } }));
  });

  it('say what belongs there while it is empty', async () => {
    renderApp('/ajustes?secao=biblioteca', (api) => void api.library.splice(0));
    expect(await screen.findByText(/saem como figurinhas no WhatsApp/)).toBeVisible();
  });
});
