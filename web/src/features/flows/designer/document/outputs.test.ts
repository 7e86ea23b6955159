import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flowKinds } from '@/api/flow.gen';
import type { Json } from './document';
import { mainOutput, openOutput, outputsOf, waysOf, type Output } from './outputs';

const rows = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../../../flow/testdata/outputs.json'), 'utf8')) as { kind: string; settings?: Json; outputs: Output[] }[];

describe('outputs', () => {
  it('are those that the engine says, for every node of its golden files', () => {
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(Object.keys(flowKinds)));
    for (const { kind, settings, outputs } of rows) {
      const drawn = outputsOf({ id: 'n', kind, ...(settings && { settings }) });
      // The engine leaves an empty label out.
      const told = drawn.map(({ name, label, quiet }) => ({ name, ...(label && { label }), ...(quiet && { quiet }) }));
      expect({ kind, settings, outputs: told }).toEqual({ kind, settings, outputs });
    }
  });

  it('are those that are drawn, for a kind of a newer server', () => {
    expect(outputsOf({ id: 'n', kind: 'telepathy', outputs: { heard: 'a' } })).toEqual([{ name: 'heard' }]);
  });

  it('have their targets, and edges that are left over are strays', () => {
    const node = { id: 'n', kind: 'condition', outputs: { true: 'a', maybe: 'b' } };
    expect(waysOf(node)).toEqual([{ name: 'true', target: 'a' }, { name: 'false' }, { name: 'maybe', target: 'b', stray: true }]);
    expect(openOutput(node)).toBe('false');
    expect(mainOutput({ id: 'q', kind: 'question' })).toBe('ok');
    expect(mainOutput({ id: 'e', kind: 'end' })).toBeUndefined();
  });
});
