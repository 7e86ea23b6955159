import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setOverlay } from '@/app/sheet-state';
import { expectAccessible, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';

afterEach(() => {
  vi.unstubAllGlobals();
  act(() => setOverlay('none'));
});

function starting(bodies: Record<string, unknown>[]) {
  return (api: MockApi) => {
    const real = api.answer.bind(api);
    api.answer = (method, url, raw) => {
      if (method !== 'POST' || url.pathname !== '/v1/conversations') return real(method, url, raw);
      bodies.push(JSON.parse(raw ?? '') as Record<string, unknown>);
      return { status: 201, body: { conversation: api.conversations[2], message: api.messages[0] } };
    };
  };
}

/** Fills in whatever the chosen template asks for. */
async function fill(user: ReturnType<typeof userEvent.setup>, dialog: HTMLElement) {
  await within(dialog).findByRole('button', { name: 'Iniciar atendimento' });
  for (const field of dialog.querySelectorAll<HTMLInputElement>('input[id^="start-template-"]')) if (field.value === '') await user.type(field, '7');
}

describe('beginning service (rules 160 to 166, 246, 258)', () => {
  it('finds the contact, confirms it, fills a template and opens the ticket', async () => {
    const user = userEvent.setup();
    const bodies: Record<string, unknown>[] = [];
    const { router } = renderApp('/conversas?visao=todos', starting(bodies));
    await screen.findByRole('link', { name: /Marina Albuquerque/ });
    await user.keyboard('c');
    const dialog = await screen.findByRole('dialog', { name: 'Novo atendimento' });
    await user.type(within(dialog).getByRole('combobox', { name: 'Para quem' }), 'claudia');
    await user.click(await screen.findByRole('option', { name: /Cláudia Ferraz/ }));
    expect(within(dialog).getByText('Cláudia Ferraz')).toBeVisible();
    await user.selectOptions(await within(dialog).findByRole('combobox', { name: /Fila/ }), 'Suporte');
    await user.click(await within(dialog).findByRole('option', { name: /segunda_via/ }));
    await fill(user, dialog);
    await expectAccessible(dialog);
    await user.click(await within(dialog).findByRole('button', { name: 'Iniciar atendimento' }));
    await waitFor(() => expect(bodies).toHaveLength(1));
    expect(bodies[0]).toMatchObject({ contact_id: 502, connection_id: 1, open: true, queue_id: 1, content: { kind: 'template', template: { name: 'segunda_via' } } });
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas/1040'));
  });

  it('writes to a number that nobody has, and only sends when told so', async () => {
    const user = userEvent.setup();
    const bodies: Record<string, unknown>[] = [];
    renderApp('/conversas?visao=todos', starting(bodies));
    await screen.findByRole('link', { name: /Marina Albuquerque/ });
    await user.keyboard('c');
    const dialog = await screen.findByRole('dialog', { name: 'Novo atendimento' });
    await user.type(within(dialog).getByRole('combobox', { name: 'Para quem' }), '21 99999-0000');
    await user.click(await screen.findByRole('option', { name: /Novo contato: \(21\) 99999-0000/ }));
    await user.type(within(dialog).getByRole('textbox', { name: /Nome/ }), 'Rui');
    await user.click(within(dialog).getByRole('checkbox', { name: /Abrir conversa/ }));
    await user.click(await within(dialog).findByRole('option', { name: /segunda_via/ }));
    await fill(user, dialog);
    await user.click(await within(dialog).findByRole('button', { name: 'Iniciar atendimento' }));
    await waitFor(() => expect(bodies[0]).toMatchObject({ phone: '+5521999990000', name: 'Rui', open: false }));
    expect(bodies[0]).not.toHaveProperty('agent_id');
  });
});

describe('a link with a phone (rules 243, Z19)', () => {
  it('opens the conversation of whoever has it, by the old address too and without the ninth digit', async () => {
    const { router } = renderApp('/dashboard/chat?target_phone=11-9812-34567', (api) => {
      api.conversations[0]!.contact.phone = '5511981234567';
    });
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas/1042'));
  });

  it('asks whether to begin with somebody new', async () => {
    renderApp('/conversas?telefone=21999990000');
    const dialog = await screen.findByRole('dialog', { name: 'Novo atendimento' });
    expect(within(dialog).getByText('(21) 99999-0000')).toBeVisible();
  });

  it('refuses what is no number', async () => {
    renderApp('/conversas?telefone=(21)99999-0000');
    expect((await screen.findAllByText(/O telefone do endereço não serve/))[0]).toBeVisible();
  });
});
