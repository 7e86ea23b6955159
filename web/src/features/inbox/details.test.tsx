import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';
import { problem } from '@/test/mock/api';
import { message } from '@/test/mock/people';
import { templateSessions } from './sessions';

afterEach(() => {
  vi.unstubAllGlobals();
});

async function panelOf(prepare: (api: MockApi) => void = () => undefined) {
  const app = renderApp('/conversas/1042', prepare);
  await screen.findByRole('log');
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'Mostrar dados da conversa' }));
  const panel = await screen.findByRole('dialog', { name: 'Dados da conversa' });
  await within(panel).findByRole('button', { name: /^Nome: Marina Albuquerque/ });
  return { ...app, user, panel };
}

describe('what is known of a contact', () => {
  it('is changed where it stands: Enter saves, Esc restores', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(within(panel).getByRole('button', { name: /^Nome: / }));
    const field = within(panel).getByRole('textbox', { name: 'Nome' });
    expect(field).toHaveFocus();
    await user.clear(field);
    await user.type(field, 'Marina A.{Escape}');
    const button = within(panel).getByRole('button', { name: /^Nome: Marina Albuquerque/ });
    await waitFor(() => expect(button).toHaveFocus());
    expect(panel).toBeVisible();
    await user.keyboard('{Enter}');
    await user.clear(within(panel).getByRole('textbox', { name: 'Nome' }));
    await user.type(within(panel).getByRole('textbox', { name: 'Nome' }), 'Marina A.{Enter}');
    await waitFor(() => expect(api.people.changes.get(500)).toMatchObject({ name: 'Marina A.' }));
    expect(await within(panel).findByRole('button', { name: /^Nome: Marina A\./ })).toBeVisible();
    await expectAccessible(panel);
  });

  it('is checked before it is sent, and put back when the server refuses it', async () => {
    const { user, panel, api, requests } = await panelOf();
    await user.click(within(panel).getByRole('button', { name: /^CPF: / }));
    await user.clear(within(panel).getByRole('textbox', { name: 'CPF' }));
    await user.type(within(panel).getByRole('textbox', { name: 'CPF' }), '111.111.111-11{Enter}');
    expect(within(panel).getByRole('alert')).toHaveTextContent('Este CPF não confere.');
    expect(requests.filter((each) => each.startsWith('PATCH'))).toEqual([]);
    await user.keyboard('{Escape}');
    await user.click(within(panel).getByRole('button', { name: /^CNPJ: / }));
    await user.type(within(panel).getByRole('textbox', { name: 'CNPJ' }), '12.ABC.345/01DE-35{Enter}');
    expect(await within(panel).findByRole('heading', { name: 'Dados da Empresa' })).toBeVisible();

    const real = api.answer.bind(api);
    api.answer = (method, url, raw) => (method === 'PATCH' ? problem(503, 'unavailable', 'Try again.') : real(method, url, raw));
    await user.click(within(panel).getByRole('button', { name: /^RG: / }));
    await user.type(within(panel).getByRole('textbox', { name: 'RG' }), '123{Enter}');
    expect(await within(panel).findByRole('alert')).toHaveTextContent(/Nada do que já foi aceito se perde/);
    expect(within(panel).getByRole('button', { name: /^RG: Adicionar/ })).toBeVisible();
  });

  it('offers the options of the account’s own fields (rule 201)', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(await within(panel).findByRole('button', { name: /^Plano: Completo/ }));
    await user.selectOptions(within(panel).getByRole('combobox', { name: 'Plano' }), 'Básico');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(api.people.changes.get(500)?.custom_values).toMatchObject({ plano: 'Básico', ultimo_pedido: '20931' }));
  });
});

describe('labels', () => {
  it('come from the list without those of automation, and go after the question of rule 190', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(await within(panel).findByRole('combobox', { name: 'Adicionar etiqueta' }));
    expect(await screen.findByRole('option', { name: 'VIP' })).toBeVisible();
    expect(screen.queryByRole('option', { name: 'Robô' })).toBeNull();
    await user.click(screen.getByRole('option', { name: 'VIP' }));
    await waitFor(() => expect(api.people.changes.get(500)?.labels?.map(({ name }) => name)).toContain('VIP'));
    await user.click(within(panel).getByRole('button', { name: 'Remover a etiqueta Troca' }));
    const ask = await screen.findByRole('dialog', { name: 'Tem certeza que deseja remover essa etiqueta?' });
    await user.click(within(ask).getByRole('button', { name: 'Remover' }));
    await waitFor(() => expect(api.people.changes.get(500)?.labels?.map(({ name }) => name)).not.toContain('Troca'));
    expect(within(panel).queryByText('Troca')).toBeNull();
  });
});

describe('notes about a contact (rule 188)', () => {
  it('need a text, take a date and somebody, and are deleted after a question', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(within(panel).getByRole('button', { name: 'Nova observação' }));
    await user.click(within(panel).getByRole('button', { name: 'Salvar observação' }));
    expect(await within(panel).findByText('Preencha este campo.')).toBeVisible();
    fireEvent.change(within(panel).getByLabelText(/Fazer até/), { target: { value: '2027-01-10T09:00' } });
    await user.selectOptions(within(panel).getByRole('combobox', { name: /Encaminhar para/ }), 'Bruno Castro');
    await user.type(within(panel).getByRole('textbox', { name: /^Observação/ }), 'Ligar na segunda{Control>}{Enter}{/Control}');
    await waitFor(() => expect(api.people.notes[0]).toMatchObject({ text: 'Ligar na segunda', agent: { name: 'Bruno Castro' } }));
    const card = (await within(panel).findByText('Ligar na segunda')).closest('li')!;
    expect(card).toHaveTextContent('Para Bruno Castro');
    await user.click(within(card).getByRole('button', { name: 'Excluir a observação' }));
    const ask = await screen.findByRole('dialog', { name: 'Tem certeza que deseja excluir essa observação?' });
    await user.click(within(ask).getByRole('button', { name: 'Excluir' }));
    await waitFor(() => expect(within(panel).queryByText('Ligar na segunda')).toBeNull());
  });
});

describe('the rest of the panel', () => {
  it('shows earlier tickets with what happened in them, and who decided', async () => {
    const { user, panel } = await panelOf();
    await user.click(within(panel).getByText('Atendimentos anteriores'));
    await user.click(await within(panel).findByRole('button', { name: /^20261104000012/ }));
    const history = await within(panel).findByRole('list', { name: 'O que aconteceu' });
    expect(within(history).getByText('Bruno Castro aceitou')).toBeVisible();
    expect(within(history).getByText('Regra encaminhou para a fila Suporte (fila inicial da conexão)')).toBeVisible();
    expect(within(panel).getByText('Motivo: Resolvido')).toBeVisible();
  });

  it('lists the files of the messages, and the campaign the contact came from (rule 189)', async () => {
    const { user, panel } = await panelOf((api) => {
      api.messages[2]!.content.referral = { source_type: 'ad', source_id: '120', headline: 'Cafeteiras em oferta', source_url: 'https://fb.me/x' };
    });
    expect(await within(panel).findByText('Cafeteiras em oferta')).toBeVisible();
    await user.click(within(panel).getByText('Imagens e arquivos'));
    expect(await within(panel).findByRole('link', { name: /nota-fiscal/ })).toHaveAttribute('href', expect.stringMatching(/^\/v1\/media\/\d+\/content$/));
  });

  it('switches broadcasts and the default agent, and blocks after a question (rules 142, 187, 191, 192)', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(within(panel).getByRole('switch', { name: 'Transmissões' }));
    await waitFor(() => expect(api.people.changes.get(500)).toMatchObject({ broadcast_enabled: false }));
    await user.click(within(panel).getByRole('button', { name: /^Agente padrão: / }));
    await user.selectOptions(within(panel).getByRole('combobox', { name: 'Agente padrão' }), 'Carla Menezes');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(api.people.changes.get(500)).toMatchObject({ default_agent_id: 3 }));
    await user.click(within(panel).getByRole('button', { name: 'Bloquear contato' }));
    await user.click(within(await screen.findByRole('dialog', { name: 'Bloquear este contato?' })).getByRole('button', { name: 'Bloquear contato' }));
    expect(await within(panel).findByRole('button', { name: 'Desbloquear contato' })).toBeVisible();
  });
});

describe('the sessions of templates', () => {
  const at = (hours: number) => new Date(Date.UTC(2026, 10, 30) + hours * 3_600_000).toISOString();
  let id = 0;
  const template = (hours: number, category: string, status: 'sent' | 'failed' = 'sent') =>
    message((id += 1), { direction: 'out', status, created_at: at(hours), sent_at: at(hours), content: { kind: 'template', template: { name: 'x', language: 'pt_BR', category } } });
  const sessions = (hours: number, ...sent: ReturnType<typeof template>[]) => templateSessions([...sent].reverse(), Date.parse(at(hours))).map(({ kind, until }) => [kind, new Date(until).toISOString()]);

  it('are one for each kind, for 24 hours from its first template (rules 090 to 092)', () => {
    expect(sessions(2, template(0, 'marketing'), template(1, 'utility'))).toEqual([['marketing', at(24)], ['utility', at(25)]]);
    expect(sessions(6, template(0, 'utility'), template(5, 'utility'))).toEqual([['utility', at(24)]]);
    expect(sessions(26, template(0, 'utility'), template(25, 'utility'))).toEqual([['utility', at(49)]]);
    expect(sessions(24, template(0, 'utility'))).toEqual([]);
    expect(sessions(1, template(0, 'marketing', 'failed'), template(0, 'authentication'))).toEqual([]);
  });
});
