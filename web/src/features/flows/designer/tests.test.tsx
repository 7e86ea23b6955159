import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setOverlay } from '@/app/sheet-state';
import { expectAccessible, renderApp } from '@/test/app';
import type { Doc } from './document/document';
import { testsOf } from './document/tests';

afterEach(() => {
  vi.unstubAllGlobals();
  setOverlay('none');
  localStorage.clear();
});

describe('saved tests', () => {
  it('are kept from the phone, and tell their first difference (rule D11)', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/fluxos/7/editar?ver=lista');
    await user.click(await screen.findByRole('button', { name: 'Experimentar' }));
    const sheet = await screen.findByRole('dialog', { name: 'Experimentar' });
    await user.type(await within(sheet).findByRole('textbox', { name: 'Escreva como o contato' }), 'oi{Enter}');
    await user.click(within(sheet).getByRole('button', { name: 'Salvar como teste' }));
    const ask = await screen.findByRole('dialog', { name: 'Salvar como teste' });
    await user.type(within(ask).getByRole('textbox', { name: /Nome do teste/ }), 'Este falha');
    await user.click(within(ask).getByRole('button', { name: 'Salvar o teste' }));
    await waitFor(() => expect(testsOf(api.flows.one(7)?.draft as Doc)).toMatchObject([{ name: 'Este falha', steps: [{ say: 'oi', expect: {} }] }]), { timeout: 10_000 });

    await user.click(within(sheet).getByRole('button', { name: 'Testes salvos' }));
    const list = await screen.findByRole('dialog', { name: 'Testes salvos' });
    expect(await within(list).findByText(/Primeira diferença no passo 1/)).toBeVisible();
    await expectAccessible(list);
    await user.click(within(list).getByRole('checkbox', { name: 'Impedir a publicação quando um teste falha' }));
    await waitFor(() => expect((api.flows.one(7)?.draft as Doc).ui).toMatchObject({ tests_block: true }), { timeout: 10_000 });
  });
});

describe('a real conversation', () => {
  it('becomes a test of its flow (rule D11)', async () => {
    const user = userEvent.setup();
    renderApp('/execucoes/38');
    await user.click(await screen.findByRole('button', { name: 'Salvar como teste' }));
    expect(await screen.findByText('Salvo como teste no rascunho do fluxo')).toBeInTheDocument();
  });
});
