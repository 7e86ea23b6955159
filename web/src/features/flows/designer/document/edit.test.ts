import { describe, expect, it } from 'vitest';
import { at, readDoc, same, withAt, type Doc } from './document';
import { addChoice, addNode, choiceId, connect, insertOnEdge, move, notesOf, removeNodes, renameNode, setField, setFlow, setNote, setStart } from './edit';
import { begin, edited, redone, TOGETHER_MS, undone } from './history';

const doc: Doc = {
  $schema: 'kept',
  name: 'Boas-vindas',
  start: 'hello',
  triggers: [{ id: 't', kind: 'keyword', node: 'menu', settings: { words: ['oi'], later: 1 } }],
  settings: { defaults: { '*': 'bye' }, newer: true },
  nodes: [
    { id: 'hello', kind: 'content', settings: { items: [{ kind: 'text', text: 'Olá' }] }, outputs: { ok: 'menu' } },
    {
      id: 'menu',
      kind: 'menu',
      name: 'Menu',
      unknown: { kept: [1] },
      settings: { text: 'O quê?', beta: 'kept', options: [{ id: 'a', title: 'A', extra: 9 }, { id: 'b', title: 'B' }] },
      outputs: { a: 'hello', b: 'bye', timeout: 'bye' },
    },
    { id: 'bye', kind: 'end' },
  ],
  ui: { nodes: { hello: { x: 0, y: 0, pinned: true } }, theme: 'kept' },
};

describe('a document', () => {
  it('is not opened when its shape is not understood, so that saving loses nothing', () => {
    for (const odd of [null, [], 'x', { nodes: {} }, { nodes: [{ id: 1, kind: 'end' }] }, { nodes: [], triggers: [1] }, { nodes: [{ id: 'a', kind: 'end', outputs: [] }] }, { nodes: [], settings: 3 }]) {
      expect(readDoc(odd)).toBeUndefined();
    }
    expect(readDoc({ other: 1 })).toEqual({ other: 1, name: '', start: '', nodes: [] });
    expect(readDoc(doc)).toEqual(doc);
  });

  it('is read and changed by paths', () => {
    expect(at(doc, ['nodes', 1, 'settings', 'options', 0, 'title'])).toBe('A');
    expect(at(doc, ['nodes', 9, 'settings'])).toBeUndefined();
    expect(withAt({ a: [1, 2] }, ['a', 0], undefined)).toEqual({ a: [2] });
    expect(withAt(undefined, ['a', 'b'], 1)).toEqual({ a: { b: 1 } });
    expect(same({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 })).toBe(true);
    expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(false);
  });
});

describe('an edit', () => {
  it('adds a node where one wants it, led to from an output; the first is the start', () => {
    const edit = addNode(doc, { kind: 'question', settings: { text: '?' } }, { x: 8, y: 16 }, { node: 'menu', output: 'invalid' });
    expect(edit.id).toBe('question_1');
    expect(edit.doc.nodes.at(-1)).toEqual({ id: 'question_1', kind: 'question', settings: { text: '?' } });
    expect(edit.doc.nodes[1]?.outputs).toEqual({ a: 'hello', b: 'bye', timeout: 'bye', invalid: 'question_1' });
    expect(at(edit.doc, ['ui', 'nodes', 'question_1'])).toEqual({ x: 8, y: 16 });
    expect(addNode({ name: '', start: '', nodes: [] }, { kind: 'menu' }, { x: 0, y: 0 }).doc.start).toBe('menu_1');
  });

  it('puts a node on an edge, and it goes on to where the edge led', () => {
    const edit = insertOnEdge(doc, { node: 'hello', output: 'ok' }, { kind: 'wait', settings: { duration: '1m' } }, { x: 0, y: 0 });
    expect(edit.doc.nodes[0]?.outputs).toEqual({ ok: 'wait_1' });
    expect(edit.doc.nodes.at(-1)?.outputs).toEqual({ ok: 'menu' });
    expect(insertOnEdge(doc, { node: 'hello', output: 'ok' }, { kind: 'end' }, { x: 0, y: 0 }).doc.nodes.at(-1)?.outputs).toBeUndefined();
  });

  it('connects, disconnects, and leads to no node that is not there', () => {
    expect(connect(doc, { node: 'hello', output: 'ok' }, 'bye').doc.nodes[0]?.outputs).toEqual({ ok: 'bye' });
    expect(connect(doc, { node: 'hello', output: 'ok' }, undefined)).toMatchObject({ did: 'disconnect', doc: { nodes: [{ outputs: {} }, {}, {}] } });
    expect(connect(doc, { node: 'hello', output: 'ok' }, 'nowhere').doc).toBe(doc);
  });

  it('takes nodes away and heals what led through them', () => {
    const without = removeNodes(doc, ['hello']).doc;
    expect(without.start).toBe('menu');
    expect(without.nodes.map(({ id }) => id)).toEqual(['menu', 'bye']);
    // The menu led to the node that led back to it: a way from a node to itself would be an endless turn.
    expect(without.nodes[0]?.outputs).toEqual({ b: 'bye', timeout: 'bye' });
    expect(without.ui).toEqual({ nodes: {}, theme: 'kept' });
    const ends = removeNodes(doc, ['bye']).doc;
    expect(ends.nodes[1]?.outputs).toEqual({ a: 'hello' });
    expect(ends.settings).toEqual({ defaults: {}, newer: true });
    expect(removeNodes(doc, ['menu']).doc.triggers).toEqual([{ id: 't', kind: 'keyword', settings: { words: ['oi'], later: 1 } }]);
    expect(removeNodes(doc, ['nobody']).doc).toBe(doc);
  });

  it('keeps what it does not know', () => {
    const changed = setField(renameNode(doc, 'menu', 'Principal').doc, 'menu', ['text'], 'E agora?').doc;
    expect(changed.nodes[1]).toEqual({ ...doc.nodes[1], name: 'Principal', settings: { ...doc.nodes[1]?.settings, text: 'E agora?' } });
    expect(changed.$schema).toBe('kept');
    const title = setField(doc, 'menu', ['options', 0, 'title'], 'Á').doc;
    expect(at(title, ['nodes', 1, 'settings', 'options', 0])).toEqual({ id: 'a', title: 'Á', extra: 9 });
    expect(at(setField(doc, 'menu', ['beta'], undefined).doc, ['nodes', 1, 'settings'])).not.toHaveProperty('beta');
    expect(at(move(doc, { hello: { x: 8, y: 8 } }).doc, ['ui', 'nodes', 'hello'])).toEqual({ x: 8, y: 8, pinned: true });
  });

  it('lets a choice keep its way when it gets another id, and drops the way of a choice that is gone', () => {
    expect(setField(doc, 'menu', ['options', 0, 'id'], 'sales').doc.nodes[1]?.outputs).toEqual({ sales: 'hello', b: 'bye', timeout: 'bye' });
    expect(setField(doc, 'menu', ['options', 0], undefined).doc.nodes[1]?.outputs).toEqual({ b: 'bye', timeout: 'bye' });
    expect(addChoice(doc, 'menu', ['options'], 'Falar com a gente!').doc.nodes[1]?.settings?.options).toHaveLength(3);
    expect(choiceId('Ação nº 1', ['acao_n_1'])).toBe('acao_n_1_2');
    expect(choiceId('Ok', [])).toBe('ok_2');
    expect(choiceId('✨', [])).toBe('opcao');
  });

  it('that changes nothing is no edit', () => {
    for (const edit of [setField(doc, 'menu', ['text'], 'O quê?'), renameNode(doc, 'menu', 'Menu'), setStart(doc, 'hello'), setFlow(doc, ['start'], 'hello'), move(doc, { hello: { x: 0, y: 0 } }), setNote(doc, 'n', undefined)]) {
      expect(edit.doc).toBe(doc);
    }
  });

  it('writes, moves and takes away notes', () => {
    const one = setNote(doc, 'n1', { text: 'Lembrar', x: 8, y: 8 }).doc;
    expect(notesOf(one)).toEqual([{ id: 'n1', text: 'Lembrar', x: 8, y: 8, width: 240, height: 120 }]);
    expect(notesOf(setNote(setNote(one, 'n1', { y: 16 }).doc, 'n1', undefined).doc)).toEqual([]);
  });
});

describe('undo', () => {
  it('takes back step by step, by name, and does it again', () => {
    let history = begin(doc);
    history = edited(history, connect(doc, { node: 'menu', output: 'invalid' }, 'bye'), 0);
    history = edited(history, renameNode(history.doc, 'menu', 'M'), 0);
    expect(history.past.map(({ did }) => did)).toEqual(['connect', 'rename']);
    const back = undone(history);
    expect(back.doc.nodes[1]?.name).toBe('Menu');
    expect(undone(undone(back)).doc).toBe(doc);
    expect(redone(redone(undone(back))).doc).toBe(history.doc);
    expect(redone(history)).toBe(history);
  });

  it('takes typing back as one step, and what was typed later as another', () => {
    let history = begin(doc);
    history = edited(history, renameNode(history.doc, 'menu', 'M1'), 0);
    history = edited(history, renameNode(history.doc, 'menu', 'M12'), 500);
    expect(history.past).toHaveLength(1);
    history = edited(history, renameNode(history.doc, 'menu', 'M123'), 501 + TOGETHER_MS);
    expect(history.past).toHaveLength(2);
    expect(undone(undone(history)).doc).toBe(doc);
    // After an undo typing begins another step.
    const typed = edited(undone(history), renameNode(doc, 'menu', 'X'), 502 + TOGETHER_MS);
    expect(typed.past).toHaveLength(2);
  });
});
