import { QueryClient } from '@tanstack/react-query';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';
import { emojiQuery, findEmoji, recentEmoji } from './emoji';

describe('emoji', () => {
  it('are found by their names in both languages, accents apart', async () => {
    const client = new QueryClient();
    const pt = await client.fetchQuery(emojiQuery('pt-BR'));
    const en = await client.fetchQuery(emojiQuery('en'));
    expect(findEmoji(pt, 'coracao', 20).map(({ emoji }) => emoji)).toContain('❤️');
    expect(findEmoji(pt, 'cafe', 5).map(({ emoji }) => emoji)).toContain('☕');
    expect(findEmoji(en, 'thumbs_up', 1)[0]?.emoji).toBe('👍');
    expect(findEmoji(pt, '  ', 5)).toEqual([]);
    expect(findEmoji(pt, 'qwxz', 5)).toEqual([]);
  });

  it('go into the text where the cursor is, and are remembered', async () => {
    const user = userEvent.setup();
    renderApp('/conversas/1042');
    const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: /^Resposta para/ });
    await user.type(field, 'Bom dia!');
    field.setSelectionRange(3, 3);
    await user.click(screen.getByRole('button', { name: 'Emoji' }));
    const picker = await screen.findByRole('dialog', { name: 'Emoji' });
    const search = await within(picker).findByRole('combobox', { name: 'Buscar emoji' });
    await within(picker).findByRole('listbox');
    await expectAccessible(picker);
    await user.type(search, 'girassol');
    await waitFor(() => expect(within(picker).getAllByRole('option')[0]).toHaveAccessibleName('girassol'));
    await user.keyboard('{Enter}');
    await waitFor(() => expect(field).toHaveValue('Bom🌻 dia!'));
    expect(recentEmoji()[0]).toBe('🌻');
  });

  it('complete a text after a colon, and never a time', async () => {
    const user = userEvent.setup();
    renderApp('/conversas/1042');
    const field = await screen.findByRole('textbox', { name: /^Resposta para/ });
    await user.clear(field);
    await user.type(field, 'às 10:30 :giras');
    expect(await screen.findByRole('option', { name: /girassol/ })).toBeVisible();
    await user.keyboard('{Enter}');
    expect(field).toHaveValue('às 10:30 🌻 ');
  });
});
