import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';

describe('the contacts page', () => {
  it('finds by a part of the name, and says so where there is none (rule 196)', async () => {
    const user = userEvent.setup();
    const { container, router } = renderApp('/contatos');
    const table = await screen.findByRole('table', { name: 'Contatos' });
    expect(within(table).getAllByRole('row').length).toBeGreaterThan(3);
    await user.type(screen.getByLabelText('Buscar por nome, telefone ou e-mail'), 'claudia');
    await waitFor(() => expect(router.state.location.search).toEqual({ busca: 'claudia' }));
    await waitFor(() => expect(screen.getAllByRole('row')).toHaveLength(2));
    expect(screen.getByRole('rowheader', { name: /Cláudia Ferraz/ })).toBeVisible();
    await expectAccessible(container);
    await user.type(screen.getByLabelText('Buscar por nome, telefone ou e-mail'), 'xyz');
    expect(await screen.findByText('Nenhum contato encontrado')).toBeVisible();
  });

  it('blocks after a question, shows blocked ones alone, and takes it back (rules 191 to 193)', async () => {
    const user = userEvent.setup();
    renderApp('/contatos?busca=claudia');
    await user.click(await screen.findByLabelText('Ações de Cláudia Ferraz'));
    await user.click(await screen.findByRole('menuitem', { name: 'Bloquear' }));
    await user.click(within(await screen.findByRole('dialog', { name: 'Bloquear Cláudia Ferraz?' })).getByRole('button', { name: 'Bloquear' }));
    expect(await screen.findByText('Bloqueado')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Não bloqueados' }));
    expect(await screen.findByText('Nenhum contato encontrado')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Bloqueados' }));
    await user.click(await screen.findByLabelText('Ações de Cláudia Ferraz'));
    await user.click(await screen.findByRole('menuitem', { name: 'Desbloquear' }));
    expect(await screen.findByText('Nenhum contato encontrado')).toBeVisible();
  });

  it('makes a contact that has not written yet, and says what is wrong at its field (rule 194)', async () => {
    const user = userEvent.setup();
    renderApp('/contatos');
    await user.click(await screen.findByRole('button', { name: 'Novo contato' }));
    const form = await screen.findByRole('dialog', { name: 'Novo contato' });
    await user.type(within(form).getByLabelText('Nome'), 'Nova Pessoa');
    await user.type(within(form).getByLabelText('Telefone'), '12');
    await user.click(within(form).getByRole('button', { name: 'Criar contato' }));
    expect(await within(form).findByText('isto não é um telefone')).toBeVisible();
    await user.type(within(form).getByLabelText('Telefone'), '345678');
    await user.click(within(form).getByRole('button', { name: 'Criar contato' }));
    expect(await screen.findByText('Contato criado')).toBeVisible();
  });
});
