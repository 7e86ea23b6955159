import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/problem';
import type { Flow } from '@/api/types';
import type { Doc } from './document/document';
import { Keeper, type Ground } from './keeper';

const docs = (name: string): Doc => ({ name, start: '', nodes: [] });
const flowOf = (draft: Doc, revision: number): Flow => ({ id: 7, name: 'F', category: 'initial', draft, draft_revision: revision, problems: [], changed: true, active_runs: 0, created_at: '', updated_at: '' });

/** A server with one draft, a browser that keeps, and a clock that the test turns. */
function world() {
  const kept = new Map<string, string>();
  const timers: { run: () => void; ms: number }[] = [];
  const server = { draft: docs('a'), revision: 1, down: false as boolean | number, saves: 0 };
  const ground: Ground = {
    save: (doc, revision) => {
      server.saves += 1;
      if (server.down !== false) return Promise.reject(new ApiError(server.down === true ? 0 : server.down, 'x', ''));
      if (revision !== server.revision) return Promise.reject(new ApiError(412, 'precondition', ''));
      server.draft = doc;
      server.revision += 1;
      return Promise.resolve(flowOf(doc, server.revision));
    },
    read: () => Promise.resolve(flowOf(server.draft, server.revision)),
    store: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) },
    key: 'k',
    later: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer) >>> 0, 1);
    },
  };
  const turn = async () => {
    for (const { run } of timers.splice(0)) run();
    await new Promise((resolve) => setTimeout(resolve));
  };
  const open = () => new Keeper(flowOf(server.draft, server.revision), server.draft, ground);
  return { kept, timers, server, open, turn };
}

describe('the keeper', () => {
  it('saves after a pause, once for edits that follow each other', async () => {
    const { server, open, turn, kept } = world();
    const keeper = open();
    keeper.changed(docs('b'));
    keeper.changed(docs('c'));
    expect(keeper.keeping().state).toBe('waiting');
    await turn();
    expect(keeper.keeping().state).toBe('saved');
    expect([server.draft.name, server.saves, keeper.revision, kept.size]).toEqual(['c', 1, 2, 0]);
  });

  it('keeps what the server does not take for now, and sends it when it is back', async () => {
    const { server, open, turn, kept, timers } = world();
    const keeper = open();
    server.down = true;
    keeper.changed(docs('b'));
    await turn();
    expect(keeper.keeping().state).toBe('offline');
    expect(kept.size).toBe(1);
    expect(timers.map(({ ms }) => ms)).toEqual([2000]);
    // The page is closed and opened again.
    keeper.stop();
    server.down = false;
    const again = open();
    expect(again.doc.name).toBe('b');
    await turn();
    expect([again.keeping().state, server.draft.name, kept.size]).toEqual(['saved', 'b', 0]);
  });

  it('overwrites no draft of somebody else: a person chooses', async () => {
    const { server, open, turn } = world();
    const keeper = open();
    Object.assign(server, { draft: docs('theirs'), revision: 2 });
    keeper.changed(docs('mine'));
    await turn();
    expect(keeper.keeping()).toMatchObject({ state: 'conflict', doc: { name: 'theirs' } });
    keeper.changed(docs('mine, later'));
    await turn();
    expect(server.draft.name).toBe('theirs');
    await keeper.keepMine();
    expect([keeper.keeping().state, server.draft.name, server.revision]).toEqual(['saved', 'mine, later', 3]);
  });

  it('goes on with theirs when that is the choice', async () => {
    const { server, open, turn, kept } = world();
    const keeper = open();
    Object.assign(server, { draft: docs('theirs'), revision: 5 });
    keeper.changed(docs('mine'));
    await turn();
    expect(keeper.takeTheirs()?.name).toBe('theirs');
    expect([keeper.keeping().state, keeper.revision, kept.size]).toEqual(['saved', 5, 0]);
  });

  it('tells of a conflict on opening, when the browser kept an older draft', () => {
    const { server, open } = world();
    const keeper = open();
    keeper.changed(docs('mine'));
    keeper.stop();
    Object.assign(server, { draft: docs('theirs'), revision: 2 });
    const again = open();
    expect(again.keeping()).toMatchObject({ state: 'conflict', doc: { name: 'theirs' } });
    expect(again.doc.name).toBe('mine');
  });

  it('sees that a lost answer was a save', async () => {
    const { server, open, turn } = world();
    const keeper = open();
    Object.assign(server, { draft: docs('b'), revision: 2 });
    keeper.changed(docs('b'));
    await turn();
    expect([keeper.keeping().state, keeper.revision]).toEqual(['saved', 2]);
  });

  it('says when the server refuses, and tries again after the next edit', async () => {
    const { server, open, turn } = world();
    const keeper = open();
    server.down = 413;
    keeper.changed(docs('b'));
    await turn();
    expect(keeper.keeping().state).toBe('refused');
    server.down = false;
    keeper.changed(docs('c'));
    expect(await keeper.flush()).toBe(true);
    expect(server.draft.name).toBe('c');
  });
});
