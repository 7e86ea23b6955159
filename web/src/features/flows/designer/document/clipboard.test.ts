import { describe, expect, it } from 'vitest';
import { collisions, copied, duplicated, pasted, readClip } from './clipboard';
import { at, type Doc } from './document';
import { changesBetween } from './changes';
import { spotOf } from './problems';
import { renamedVariable, storedBy, usesVariable, variablesOf } from './variables';

const from: Doc = {
  name: 'A',
  start: 'ask',
  variables: [{ name: 'total', type: 'number', label: 'Total' }, { name: 'unused', type: 'text' }],
  nodes: [
    { id: 'ask', kind: 'question', settings: { text: 'Quanto? {total} {{ total | currency }} total', save_to: 'valor', type: 'number' }, outputs: { ok: 'back', invalid: 'far' } },
    { id: 'back', kind: 'jump', settings: { node: 'ask' } },
    { id: 'far', kind: 'content', settings: { items: [{ kind: 'text', text: '{{ answers.ask }} {{ visits.ask }} {% if visits("ask") %}' }] } },
  ],
  ui: { nodes: { ask: { x: 100, y: 50 }, back: { x: 400, y: 90 } } },
};
const places = { ask: { x: 100, y: 50 }, back: { x: 400, y: 90 }, far: { x: 0, y: 0 } };

describe('the clipboard', () => {
  it('carries nodes with the variables that they use, and nothing else', () => {
    const clip = readClip(JSON.stringify(copied(from, places, ['ask', 'back'])));
    expect(clip?.nodes.map(({ id }) => id)).toEqual(['ask', 'back']);
    expect(clip?.variables).toEqual([{ name: 'total', type: 'number', label: 'Total' }]);
    for (const odd of ['', 'oi', '{}', '[]', '{"type":"other"}']) expect(readClip(odd)).toBeUndefined();
  });

  it('lands in another flow at the pointer, with its edges and its variables', () => {
    const clip = copied(from, places, ['ask', 'back']);
    const empty: Doc = { name: 'B', start: '', nodes: [] };
    const edit = pasted(empty, clip, { x: 8, y: 8 });
    expect(edit.doc.nodes).toEqual([{ ...from.nodes[0], outputs: { ok: 'back' } }, from.nodes[1]]);
    expect(edit.doc.start).toBe('ask');
    expect(edit.doc.variables).toEqual([{ name: 'total', type: 'number', label: 'Total' }]);
    expect(at(edit.doc, ['ui', 'nodes'])).toEqual({ ask: { x: 8, y: 8 }, back: { x: 312, y: 48 } });
  });

  it('changes ids that are taken, and jumps and answers follow', () => {
    const edit = duplicated(from, places, ['ask', 'back', 'far']);
    expect(edit.ids).toEqual(['question_1', 'jump_1', 'content_1']);
    expect(edit.doc.nodes[3]?.outputs).toEqual({ ok: 'jump_1', invalid: 'content_1' });
    expect(edit.doc.nodes[4]?.settings).toEqual({ node: 'question_1' });
    expect(at(edit.doc.nodes[5], ['settings', 'items', 0, 'text'])).toBe('{{ answers.question_1 }} {{ visits.question_1 }} {% if visits("question_1") %}');
  });

  it('renames variables that mean something else there', () => {
    const other: Doc = { name: 'B', start: 'x', variables: [{ name: 'total', type: 'text' }], nodes: [{ id: 'x', kind: 'question', settings: { text: '', save_to: 'valor' } }] };
    const clip = copied(from, places, ['ask']);
    expect([...collisions(other, clip)]).toEqual([['total', 'total_2'], ['valor', 'valor_2']]);
    const edit = pasted(other, clip, { x: 0, y: 0 });
    expect(edit.doc.nodes[1]?.settings).toMatchObject({ text: 'Quanto? {total_2} {{ total_2 | currency }} total', save_to: 'valor_2' });
    expect(edit.doc.variables?.map(({ name }) => name)).toEqual(['total', 'total_2']);
    expect([...collisions(from, clip)]).toEqual([]);
  });
});

describe('variables', () => {
  it('are renamed where they are named, and words of people stay', () => {
    const node = {
      id: 'n',
      kind: 'set_variable',
      settings: {
        assignments: [{ name: 'cor', op: 'expression', expression: 'cor + ".cor" + obj.cor + cores' }, { name: 'x', from: 'cor.primeira' }],
        text: "{cor} {{ cor.nome | default: 'cor' }} {% if cor == 'cor' %}cor{% endif %} {{ x.cor }}",
      },
    };
    expect(renamedVariable(node, 'cor', 'tom').settings).toEqual({
      assignments: [{ name: 'tom', op: 'expression', expression: 'tom + ".cor" + obj.cor + cores' }, { name: 'x', from: 'tom.primeira' }],
      text: "{tom} {{ tom.nome | default: 'cor' }} {% if tom == 'cor' %}cor{% endif %} {{ x.cor }}",
    });
    expect(usesVariable(node, 'cor')).toBe(true);
    expect(usesVariable(node, 'nome')).toBe(false);
  });

  it('are those that the flow declares and those that nodes fill', () => {
    expect(variablesOf(from).map(({ name, type }) => `${name}:${type}`)).toEqual(['total:number', 'unused:text', 'valor:number']);
    const http = { id: 'h', kind: 'http', settings: { save_status: 's', save: [{ to: 'lista', type: 'list' }] } };
    expect(storedBy(http).map(({ name, type }) => `${name}:${type}`)).toEqual(['s:number', 'lista:list']);
  });
});

describe('changes', () => {
  it('say what was added, removed and changed', () => {
    const to: Doc = {
      ...from,
      start: 'far',
      nodes: [{ ...from.nodes[0]!, name: 'Valor', outputs: { ok: 'far' } }, from.nodes[2]!, { id: 'new', kind: 'end' }],
    };
    expect(changesBetween(from, to)).toEqual([
      { kind: 'changed', node: to.nodes[0], before: from.nodes[0], parts: ['name', 'edges'] },
      { kind: 'added', node: to.nodes[2] },
      { kind: 'removed', node: from.nodes[1] },
      { kind: 'flow', part: 'start' },
    ]);
    expect(changesBetween(from, { ...from, ui: { nodes: {} } })).toEqual([{ kind: 'flow', part: 'layout' }]);
    expect(changesBetween(from, structuredClone(from))).toEqual([]);
  });

  it('find the place of a problem', () => {
    expect(spotOf('/nodes/3/settings/options/1/title')).toEqual({ node: 3, path: ['options', 1, 'title'] });
    expect(spotOf('/nodes/3/outputs/a~1b')).toEqual({ node: 3, output: 'a/b', path: [] });
    expect(spotOf('/nodes/3')).toEqual({ node: 3, path: [] });
    expect(spotOf('/triggers/0/settings/words')).toEqual({ path: ['triggers', 0, 'settings', 'words'] });
  });
});
