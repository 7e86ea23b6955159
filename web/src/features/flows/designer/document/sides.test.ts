import { describe, expect, it } from 'vitest';
import type { Doc } from './document';
import { sidesOf } from './sides';

const before: Doc = {
  name: 'Um',
  start: 'a',
  nodes: [
    { id: 'a', kind: 'content', settings: { text: 'Olá' }, outputs: { ok: 'b' } },
    { id: 'b', kind: 'question' },
    { id: 'c', kind: 'end' },
  ],
};

describe('two documents side by side', () => {
  it('aligns blocks, and says which values of a changed one differ', () => {
    const after: Doc = { ...before, nodes: [{ id: 'a', kind: 'content', settings: { text: 'Oi' }, outputs: { ok: 'd' } }, { id: 'd', kind: 'end', name: 'Fim' }, { id: 'c', kind: 'end' }] };
    const sides = sidesOf(before, after);
    expect(sides.map(({ id, kind }) => `${id} ${kind}`)).toEqual(['a changed', 'b removed', 'd added', 'c same']);
    expect(sides[0]!.lines).toEqual([
      { path: 'text', before: 'Olá', after: 'Oi' },
      { path: '→ ok', before: 'b', after: 'd' },
    ]);
  });

  it('is all the same for one document', () => {
    expect(sidesOf(before, structuredClone(before)).every(({ kind }) => kind === 'same')).toBe(true);
  });
});
