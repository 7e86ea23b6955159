import { describe, expect, it } from 'vitest';
import type { Doc } from './document';
import { addTest, pinnedAs, removeTest, replaceTest, setTestsBlock, stepsOf, testsBlock, testsOf, worldOf } from './tests';

const doc: Doc = { name: 'Um', start: 'a', nodes: [], ui: { pins: { a: { status: 500 } } } };
const test = { name: 'Oi', world: { now: '2026-12-24T09:00', channel: 'text', contact: { id: '1', name: 'Ana' } }, steps: [{ say: 'oi', expect: { messages: ['Olá'] } }], pins: { b: { status: 200 } } };

describe('saved tests in a document', () => {
  it('are added, put in place of another and taken away, and the rest of the document stays', () => {
    const one = addTest(doc, test).doc;
    expect(testsOf(one)).toEqual([test]);
    expect(one.ui?.pins).toEqual(doc.ui?.pins);
    const two = replaceTest(addTest(one, { ...test, name: 'Dois' }).doc, 0, { ...test, name: 'Um' }).doc;
    expect(testsOf(two).map(({ name }) => name)).toEqual(['Um', 'Dois']);
    expect(testsOf(removeTest(two, 0).doc).map(({ name }) => name)).toEqual(['Dois']);
    expect(testsBlock(setTestsBlock(two, true).doc)).toBe(true);
    expect(setTestsBlock(setTestsBlock(two, true).doc, false).doc).toEqual(two);
  });

  it('are played by the simulator as they were, without what they expect', () => {
    expect(stepsOf(test)).toEqual([{ say: 'oi' }]);
    expect(worldOf(test)).toEqual({ now: '2026-12-24T09:00', display: 'text', contact: { name: 'Ana' } });
    expect(pinnedAs(doc, test).ui?.pins).toEqual({ a: { status: 500 }, b: { status: 200 } });
    expect(testsOf({ ...doc, ui: { tests: [3] } })).toEqual([{ steps: [] }]);
  });
});
