import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';

const acts = (name: string) => screen.findByRole('group', { name });
const dialog = (name: string) => screen.findByRole('dialog', { name });

describe('the settings of integrations', () => {
  it('list webhooks with their state and say why one is in quarantine (rules 220, 262)', async () => {
    const { container } = renderApp('/ajustes?secao=integracoes');
    const list = await screen.findByRole('list', { name: 'Webhooks' });
    const [erp, n8n] = within(list).getAllByRole('listitem');
    expect(erp).toHaveTextContent(/ERP.*Ativo.*erp\.example\.com/);
    expect(n8n).toHaveTextContent(/n8n.*Em quarentena.*12 esperam.*7 falhas seguidas\. Os eventos esperam em ordem/);
    await expectAccessible(container);
  });

  it('make a webhook with chosen events, and show its secret once (rules 220, 221)', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=integracoes&abrir=novo');
    const form = await dialog('Novo webhook');
    for (const field of within(form).getAllByRole('textbox')) expect(field).toHaveAccessibleDescription();
    await expectAccessible(form);
    await user.type(within(form).getByRole('textbox', { name: 'Nome' }), 'CRM');
    await user.type(within(form).getByRole('textbox', { name: 'Endereço' }), 'https://crm.example.com/hook');
    await user.click(within(form).getByRole('checkbox', { name: 'Mensagem criada' }));
    expect(within(form).getByText('Escolha pelo menos um evento.')).toBeVisible();
    await user.click(within(form).getByRole('checkbox', { name: 'Conversa criada' }));
    await user.click(within(form).getByRole('button', { name: 'Salvar' }));
    const secret = await dialog('Segredo de CRM');
    expect(secret).toHaveTextContent('whsec_c2VjcmV0');
    await expectAccessible(secret);
    expect(api.webhooks.webhooks.at(-1)).toMatchObject({ name: 'CRM', url: 'https://crm.example.com/hook', kind: 'standard', events: ['conversation_created'] });
    await user.click(within(secret).getByRole('button', { name: 'Já guardei' }));
    await waitFor(() => expect(screen.queryByText('whsec_c2VjcmV0')).toBeNull());
  });

  it('show what was delivered, and send one and a period again', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=integracoes');
    await user.click(within(await acts('ERP')).getByRole('button', { name: 'Entregas' }));
    const log = await dialog('Entregas de ERP');
    const rows = within(await within(log).findByRole('list', { name: 'Entregas' })).getAllByRole('listitem');
    expect(rows[0]).toHaveTextContent(/Esperando.*message_created.*2 tentativas · HTTP 500 · Respondeu com erro/);
    expect(rows[2]).toHaveTextContent(/Desistiu.*Não respondeu em 10 segundos/);
    await expectAccessible(log);
    await user.click(within(rows[2] as HTMLElement).getByText('message_created'));
    await user.click(within(rows[2] as HTMLElement).getByRole('button', { name: 'Reenviar' }));
    await waitFor(() => expect(api.webhooks.deliveries.at(-1)).toMatchObject({ state: 'waiting', attempts: 0 }));
    await user.click(within(log).getByRole('button', { name: 'Reenviar as últimas 24 horas' }));
    expect(await screen.findByText('2 entregas vão de novo, em ordem.')).toBeVisible();
  });

  it('exchange a secret, switch one off and delete it after a question', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=integracoes');
    await user.click(within(await acts('ERP')).getByRole('button', { name: 'Trocar segredo' }));
    await user.click(within(await dialog('Trocar o segredo de ERP?')).getByRole('button', { name: 'Trocar segredo' }));
    const secret = await dialog('Segredo de ERP');
    await user.click(within(secret).getByRole('button', { name: 'Já guardei' }));
    await user.click(within(await acts('ERP')).getByRole('button', { name: 'Desligar' }));
    await within(await acts('ERP')).findByRole('button', { name: 'Ligar' });
    expect(within(await acts('ERP')).getByRole('button', { name: 'Testar' })).toBeDisabled();
    await user.click(within(await acts('ERP')).getByRole('button', { name: 'Excluir' }));
    await user.click(within(await dialog('Excluir o webhook ERP?')).getByRole('button', { name: 'Excluir' }));
    await waitFor(() => expect(api.webhooks.webhooks.map(({ name }) => name)).toEqual(['n8n']));
  });
});
