import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { expectAccessible, forgetPreferences, renderApp } from '@/test/app';

afterEach(() => forgetPreferences());

describe('automatic texts', () => {
  it('show which text goes out when and whose it is, and pass axe', async () => {
    const { container } = renderApp('/ajustes?secao=textos');
    const list = await screen.findByRole('list', { name: 'O que sai em cada conexão' });
    const rows = within(list).getAllByRole('listitem');
    expect(rows).toHaveLength(5);
    expect(rows[0]).toHaveTextContent(/Saudação.*abre sozinho.*Atendimento.*da conta.*Olá, \{nome\}.*Vendas.*Nada é enviado/);
    expect(rows[3]).toHaveTextContent(/Despedida.*Atendimento.*da conexão.*Até logo, \{nome\}!.*Vendas.*da conta.*Obrigado pelo contato!/);
    await expectAccessible(container);
  });

  it('give a connection a text of its own, none, or the account’s again (Z8)', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=textos');
    await user.click(await screen.findByRole('button', { name: 'Textos de Atendimento' }));
    const dialog = await screen.findByRole('dialog', { name: 'Textos de Atendimento' });
    const choose = async (kind: string, way: string) => user.selectOptions(within(dialog).getByRole('combobox', { name: `${kind} nesta conexão` }), way);
    await choose('Despedida', 'O texto da conta');
    await choose('Saudação', 'Nenhum texto');
    await choose('Transferência', 'Texto próprio');
    const own = within(dialog).getByRole('textbox', { name: /^Transferência/ });
    expect(own).toHaveAccessibleDescription(/Toda vez/);
    await user.type(own, 'Um momento.');
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    await waitFor(() => expect(api.texts.connections[0]?.texts).toEqual({ greeting: '', transfer: 'Um momento.' }));
  });

  it('decide whether a message outside the hours opens a ticket (rule 046)', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=textos');
    await user.click(await screen.findByRole('switch', { name: 'Abrir atendimentos fora do expediente' }));
    await waitFor(() => expect(api.texts.out_of_hours_opens_tickets).toBe(true));
  });
});
