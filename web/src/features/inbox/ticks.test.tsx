import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Message } from '@/api/types';
import { message } from '@/test/mock/people';
import { DeliveryNotice, TickDetails } from './delivery';
import Notice from './delivery-notice';
import { STATUSES, statusOf, Tick } from './ticks';
import { i18next } from '@/i18n';
import { explainFailure } from '@/i18n/meta-error';

function sent(part: Partial<Message>): Message {
  return message(1, { content: { kind: 'text', text: 'oi' }, created_at: '2026-11-20T12:00:00Z', direction: 'out', origin: 'bot', ...part });
}

describe('ticks', () => {
  it.each([
    ['queued', 'Na fila para sair'],
    ['accepted', 'Aceita pelo WhatsApp'],
    ['sent', 'Enviada'],
    ['delivered', 'Entregue'],
    ['read', 'Lida'],
    ['played', 'Ouvida'],
    ['failed', 'Não entregue'],
    ['held', 'Retida até o contato abrir a janela de 24 h'],
    ['unconfirmed', 'Não confirmada'],
    ['retrying', 'Nova tentativa marcada'],
    ['cancelled', 'Cancelada antes de sair'],
  ] as const)('%s says “%s”', (status, name) => {
    render(<Tick status={status} />);
    expect(screen.getByRole('img', { name })).toHaveAttribute('data-status', status);
  });

  it('shows none for what came in', () => {
    const { container } = render(<Tick status="received" />);
    expect(container).toBeEmptyDOMElement();
  });

  // Rule Z13: one grey is sent, two grey delivered, coloured read.
  it('colours only what was read', () => {
    const coloured = STATUSES.filter((status) => {
      const { container, unmount } = render(<Tick status={status} />);
      const has = container.querySelector('.text-tick-read') !== null;
      unmount();
      return has;
    });
    expect(coloured).toEqual(['read', 'played']);
  });

  it('takes a status of a newer server for one that is under way', () => {
    expect(statusOf('teleported')).toBe('queued');
  });

  it('tells when each status was reached', async () => {
    const user = userEvent.setup();
    render(<TickDetails message={sent({ status: 'read', sent_at: '2026-11-20T12:00:01Z', delivered_at: '2026-11-20T12:00:02Z', read_at: '2026-11-20T12:05:00Z' })} />);
    await user.click(screen.getByRole('button', { name: 'Situação da mensagem: Lida' }));
    const details = await screen.findByRole('dialog');
    for (const words of ['Enviada', 'Entregue', 'Lida']) expect(details).toHaveTextContent(words);
  });
});

describe('what became of a send', () => {
  it('explains Meta’s code, lets it be copied and links to the list (rules 126, 127, 257)', async () => {
    const user = userEvent.setup();
    const write = vi.spyOn(navigator.clipboard, 'writeText');
    render(<Notice message={sent({ status: 'failed', error: { code: 131026, detail: 'Message undeliverable.' } })} />);
    expect(screen.getByText(/em geral o número não tem WhatsApp ativo/)).toBeVisible();
    expect(screen.getByText('Código 131026')).toBeVisible();
    expect(screen.getByRole('link', { name: /Lista de códigos da Meta/ })).toHaveAttribute('href', expect.stringContaining('developers.facebook.com'));
    await user.click(screen.getByRole('button', { name: 'Copiar código' }));
    expect(write).toHaveBeenCalledWith('131026 Message undeliverable.');
    expect(await screen.findByRole('status')).toHaveTextContent('Copiado');
  });

  it.each([131042, 130472, 131026, 131049, 131050, 131047, 190])('has words of its own for %i (rules 127–130)', (code) => {
    expect(explainFailure(i18next.t, code).what).not.toBe(explainFailure(i18next.t, 999_999).what);
  });

  it('says when the next try is', () => {
    vi.useFakeTimers({ now: new Date(2026, 10, 20, 10, 0) });
    try {
      render(<Notice message={sent({ status: 'retrying', retry_at: new Date(2026, 10, 20, 14, 32).toISOString(), error: { code: 131049, detail: '' } })} />);
      expect(screen.getByText('Próxima tentativa 14:32')).toBeVisible();
    } finally {
      vi.useRealTimers();
    }
  });

  it('says that nobody knows whether it left', () => {
    render(<Notice message={sent({ status: 'unconfirmed' })} />);
    expect(screen.getByText(/pode ter saído ou não/)).toBeVisible();
  });

  it('adds nothing to what simply arrived', () => {
    const { container } = render(<DeliveryNotice message={sent({ status: 'delivered' })} />);
    expect(container).toBeEmptyDOMElement();
  });
});
