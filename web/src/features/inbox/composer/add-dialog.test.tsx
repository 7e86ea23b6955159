import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';

async function opened(entry: string) {
  const user = userEvent.setup();
  const { api } = renderApp('/conversas/1042');
  await user.click(await screen.findByRole('button', { name: 'Anexar' }));
  await user.click(await screen.findByRole('menuitem', { name: entry }));
  return { user, api, dialog: await screen.findByRole('dialog', { name: entry }) };
}

describe('what is sent besides text', () => {
  it('is a contact card with a name and a way to reach the person (rule 114)', async () => {
    const { user, api, dialog } = await opened('Contato');
    await expectAccessible(dialog);
    await user.type(within(dialog).getByRole('textbox', { name: 'Nome' }), 'Paulo Reis');
    await user.click(within(dialog).getByRole('button', { name: 'Enviar' }));
    expect(await within(dialog).findByText('Informe o nome e um telefone ou e-mail.')).toBeVisible();
    await user.type(within(dialog).getByRole('textbox', { name: /^Telefone/ }), '+55 11 98765-4321');
    await user.click(within(dialog).getByRole('button', { name: 'Enviar' }));
    await waitFor(() =>
      expect(api.messages[0]?.content).toEqual({ kind: 'contacts', contacts: [{ name: { formatted: 'Paulo Reis', first: 'Paulo' }, phones: [{ phone: '+55 11 98765-4321', type: 'CELL' }] }] }),
    );
  });

  it('is a place by coordinates, and nothing without them', async () => {
    const { user, api, dialog } = await opened('Localização');
    const place = within(dialog).getByRole('textbox', { name: /^Coordenadas/ });
    await user.type(place, 'ali na esquina{Enter}');
    expect(await within(dialog).findByText('Não há coordenadas neste texto.')).toBeVisible();
    await user.clear(place);
    await user.type(place, '-23.5614, -46.6559{Enter}');
    await waitFor(() => expect(api.messages[0]?.content).toMatchObject({ kind: 'location', location: { latitude: -23.5614, longitude: -46.6559 } }));
  });

  it('is a list with choices that differ', async () => {
    const { user, api, dialog } = await opened('Lista de opções');
    await user.type(within(dialog).getByRole('textbox', { name: 'Texto' }), 'Qual?');
    await user.type(within(dialog).getByRole('textbox', { name: 'Botão que abre a lista' }), 'Ver');
    await user.type(within(dialog).getByRole('textbox', { name: /^Opção 1/ }), 'Azul');
    await user.type(within(dialog).getByRole('textbox', { name: /^Opção 2/ }), 'Azul');
    await user.click(within(dialog).getByRole('button', { name: 'Enviar' }));
    expect(await within(dialog).findByText(/As opções são diferentes/)).toBeVisible();
    await user.type(within(dialog).getByRole('textbox', { name: /^Opção 2/ }), '-claro');
    await user.click(within(dialog).getByRole('button', { name: 'Enviar' }));
    await waitFor(() => expect(api.messages[0]?.content).toMatchObject({ kind: 'list', text: 'Qual?', list: { button: 'Ver', sections: [{ rows: [{ title: 'Azul' }, { title: 'Azul-claro' }] }] } }));
  });
});
