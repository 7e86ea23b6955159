import { ApiError } from '@/api/problem';
import type { Flow } from '@/api/types';
import { isObject, readDoc, same, type Doc } from './document/document';

/** How the draft stands with the server. */
export type Keeping =
  | { state: 'saved' }
  /** Changed here, and not sent yet. */
  | { state: 'waiting' }
  | { state: 'saving' }
  /** The server is not there: what changed is kept in this browser and sent later. */
  | { state: 'offline' }
  /** Somebody saved another draft after the one that this one began with. */
  | { state: 'conflict'; theirs: Flow; doc: Doc }
  /** The server does not take it. */
  | { state: 'refused'; error: unknown };

/** What the keeper stands on; tests give their own. */
export interface Ground {
  save: (doc: Doc, revision: number) => Promise<Flow>;
  read: () => Promise<Flow>;
  /** Where changes wait that the server does not have. */
  store: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  key: string;
  later: (run: () => void, ms: number) => () => void;
}

/** A pause in the edits, after which the draft is saved. */
export const PAUSE_MS = 700;
const RETRY_MS = [2000, 5000, 10_000, 30_000];

/** A draft as it waits in the browser, with the revision that it began with. */
interface Waiting {
  revision: number;
  doc: Doc;
}

/** Saves the draft while it is edited. It overwrites no draft that somebody else saved, unless a person says so. */
export class Keeper {
  readonly #ground: Ground;
  #revision: number;
  /** What the server has. */
  #stored: Doc;
  #doc: Doc;
  #keeping: Keeping = { state: 'saved' };
  #problems: Flow['problems'];
  #cancel: () => void = () => undefined;
  #failures = 0;
  #running: Promise<void> | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(flow: Flow, doc: Doc, ground: Ground) {
    this.#ground = ground;
    this.#revision = flow.draft_revision;
    this.#stored = doc;
    this.#doc = doc;
    this.#problems = flow.problems;
    const waiting = this.#waiting();
    if (!waiting || same(waiting.doc, doc)) {
      this.#forget();
      return;
    }
    this.#doc = waiting.doc;
    if (waiting.revision === flow.draft_revision) this.#schedule(0);
    else this.#keeping = { state: 'conflict', theirs: flow, doc };
  }

  /** The document to begin with: the server's, or what this browser still has to send. */
  get doc(): Doc {
    return this.#doc;
  }

  /** The revision that the server has. */
  get revision(): number {
    return this.#revision;
  }

  readonly keeping = (): Keeping => this.#keeping;

  /** What the linter said of the draft that was saved last. */
  readonly problems = (): Flow['problems'] => this.#problems;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes the document as it is now, and saves it after a pause. */
  changed(doc: Doc): void {
    if (doc === this.#doc) return;
    this.#doc = doc;
    if (this.#keeping.state === 'conflict') {
      this.#remember();
      return;
    }
    if (this.#keeping.state !== 'saving') this.#become({ state: this.#keeping.state === 'offline' ? 'offline' : 'waiting' });
    this.#schedule(PAUSE_MS);
  }

  /** Keeps in the browser what the server does not have: for when the page goes away. */
  leave(): void {
    if (this.#doc !== this.#stored) this.#remember();
  }

  /** Stops saving: the page is gone. */
  stop(): void {
    this.leave();
    this.#cancel();
  }

  /** Saves now. False when it could not. */
  async flush(): Promise<boolean> {
    this.#cancel();
    await this.#running;
    if (this.#keeping.state !== 'conflict' && this.#doc !== this.#stored) await this.#run();
    return this.#keeping.state === 'saved';
  }

  /** Ends a conflict: saves this draft over theirs. */
  async keepMine(): Promise<void> {
    if (this.#keeping.state !== 'conflict') return;
    this.#revision = this.#keeping.theirs.draft_revision;
    this.#become({ state: 'waiting' });
    await this.#run();
  }

  /** Ends a conflict: their draft is the one that goes on. */
  takeTheirs(): Doc | undefined {
    if (this.#keeping.state !== 'conflict') return undefined;
    const { theirs, doc } = this.#keeping;
    this.#took(theirs, doc);
    this.#doc = doc;
    this.#forget();
    this.#become({ state: 'saved' });
    return doc;
  }

  #took(flow: Flow, doc: Doc): void {
    this.#revision = flow.draft_revision;
    this.#problems = flow.problems;
    this.#stored = doc;
    this.#failures = 0;
  }

  #schedule(ms: number): void {
    this.#cancel();
    this.#cancel = this.#ground.later(() => void this.#run(), ms);
  }

  #run(): Promise<void> {
    this.#running ??= this.#saveOnce().finally(() => {
      this.#running = undefined;
      // What was typed while the request was under way is another save.
      if (this.#keeping.state === 'saved' && this.#doc !== this.#stored) {
        this.#become({ state: 'waiting' });
        this.#schedule(PAUSE_MS);
      }
    });
    return this.#running;
  }

  async #saveOnce(): Promise<void> {
    const sent = this.#doc;
    this.#remember();
    this.#become({ state: 'saving' });
    try {
      this.#took(await this.#ground.save(sent, this.#revision), sent);
      if (this.#doc === sent) this.#forget();
      this.#become({ state: 'saved' });
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) await this.#conflicted();
      else if (error instanceof ApiError && error.passes) this.#wait();
      else this.#become({ state: 'refused', error });
    }
  }

  async #conflicted(): Promise<void> {
    try {
      const theirs = await this.#ground.read();
      const doc = readDoc(theirs.draft);
      if (doc && same(doc, this.#doc)) {
        // An answer that was lost: what is stored is what was sent.
        this.#took(theirs, this.#doc);
        this.#forget();
        this.#become({ state: 'saved' });
      } else if (doc) this.#become({ state: 'conflict', theirs, doc });
      else this.#become({ state: 'refused', error: new Error('the stored draft cannot be drawn') });
    } catch {
      this.#wait();
    }
  }

  #wait(): void {
    const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? PAUSE_MS;
    this.#failures += 1;
    this.#become({ state: 'offline' });
    this.#schedule(pause);
  }

  /** Tries again at once: the network is back. */
  retry(): void {
    if (this.#keeping.state === 'offline' || this.#keeping.state === 'refused') this.#schedule(0);
  }

  #waiting(): Waiting | undefined {
    try {
      const kept: unknown = JSON.parse(this.#ground.store.getItem(this.#ground.key) ?? 'null');
      const doc = isObject(kept) ? readDoc(kept.doc) : undefined;
      return isObject(kept) && doc && typeof kept.revision === 'number' ? { revision: kept.revision, doc } : undefined;
    } catch {
      return undefined;
    }
  }

  #remember(): void {
    try {
      const waiting: Waiting = { revision: this.#revision, doc: this.#doc };
      this.#ground.store.setItem(this.#ground.key, JSON.stringify(waiting));
    } catch {
      // A browser that keeps nothing still saves while the server is there.
    }
  }

  #forget(): void {
    try {
      this.#ground.store.removeItem(this.#ground.key);
    } catch {
      // There is nothing to forget in a browser that keeps nothing.
    }
  }

  #become(next: Keeping): void {
    this.#keeping = next;
    for (const listener of [...this.#listeners]) listener();
  }
}
