import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { noticesOf } from './health';
import { Notices } from './notices';

const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

it('shows what asks for something first, and the rest on demand', () => {
  render(
    <Notices
      health={{
        notices: {
          a: { kind: 'history', level: 'info', at: at(1), words: { progress: '40' } },
          b: { kind: 'account', level: 'alert', at: at(3), words: { change: 'update', event: 'DISABLED_UPDATE', state: 'DISABLE' } },
          c: { kind: 'number', level: 'alert', at: at(2), words: { change: 'quality', event: 'DOWNGRADE', limit: 'TIER_250' } },
          d: { kind: 'account', level: 'alert', at: at(4), words: { change: 'update', event: 'BRAND_NEW', reason: 'Porque sim' } },
        },
      }}
    />,
  );
  const rows = screen.getAllByRole('listitem').map((row) => row.textContent);
  expect(rows[0]).toContain('O limite de envio baixou: 250 pessoas por dia.');
  expect(rows[1]).toContain('A Meta desativou a conta comercial');
  expect(rows[2]).toContain('BRAND_NEW');
  expect(rows[2]).toContain('Porque sim');
  expect(screen.getByText('1 outro aviso')).toBeVisible();
  expect(screen.getByText(/Importação do histórico: 40%/)).not.toBeVisible();
});

it('shows nothing where nothing can be read, and forgets after 30 days', () => {
  expect(noticesOf(null, Date.now())).toEqual([]);
  expect(noticesOf({ notices: { a: 'x', b: { kind: 'error', level: 'loud', at: at(1) } } }, Date.now())).toEqual([]);
  expect(noticesOf({ notices: { a: { kind: 'error', level: 'alert', at: at(31 * 24) } } }, Date.now())).toEqual([]);
});
