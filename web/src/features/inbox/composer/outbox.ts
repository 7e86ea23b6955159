import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError } from '@/api/problem';
import { cancelMessage, keepMessage } from '@/api/queries/messages';
import type { Message } from '@/api/types';
import { preferences } from '@/app/preferences';
import type { Outgoing, Sending, Source } from './outgoing';

/** The parts that tests bring themselves. */
export interface OutboxOptions {
  deliver: (sending: Sending) => Promise<Message>;
  keep: (message: Message) => void;
  /** Takes back a message that the server lets wait. */
  cancel?: (message: number) => Promise<Message>;
  /** For how many seconds answers can be taken back. */
  delay?: () => number;
  newRef?: () => string;
  now?: () => Date;
  setTimer?: (run: () => void, ms: number) => unknown;
  clearTimer?: (timer: unknown) => void;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
const NONE: readonly Sending[] = [];

/** Somebody who waits until what was sent before has left. */
interface Waiter {
  conversation: number;
  refs: Set<string>;
  tell: (gone: boolean) => void;
}

/** Whether it can be taken back. What is on its way is taken back as soon as the server has it. */
export function mayTakeBack({ state, source, delay }: Sending): boolean {
  return source !== undefined && delay > 0 && state !== 'refused';
}

/**
 * Sends what agents write. It shows at once, leaves in the order in which it was written, one after the other in each
 * conversation, and outlives the screen it was written on. What cannot leave now is sent again with the same reference.
 */
export class Outbox {
  readonly #options: Required<OutboxOptions>;
  readonly #queues = new Map<number, readonly Sending[]>();
  readonly #listeners = new Set<() => void>();
  /** Conversations in which something is on its way. */
  readonly #busy = new Set<number>();
  readonly #failures = new Map<number, number>();
  readonly #timers = new Map<number, unknown>();
  /** Told whether something that was on its way could be taken back. */
  readonly #asked = new Map<string, (back: boolean) => void>();
  #waiters: readonly Waiter[] = [];
  #seq = 0;

  constructor(options: OutboxOptions) {
    this.#options = {
      cancel: cancelMessage,
      delay: () => 0,
      newRef: () => `web:${crypto.randomUUID()}`,
      now: () => new Date(),
      setTimer: (run, ms) => setTimeout(run, ms),
      clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
      ...options,
    };
  }

  /** What a conversation still has to send, in order. */
  of(conversation: number): readonly Sending[] {
    return this.#queues.get(conversation) ?? NONE;
  }

  /** How many things in all conversations are not sent yet and would be lost with the page. */
  get open(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.filter(({ state }) => state !== 'undoable').length, this.#waiters.length);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes something to send, and gives its reference. With its source it can be taken back for a moment; notes cannot. */
  send(conversation: number, what: Outgoing, source?: Source): string {
    const ref = this.#options.newRef();
    this.#seq += 1;
    const delay = source && what.kind === 'reply' ? this.#options.delay() : 0;
    const sending: Sending = { ref, conversation, seq: this.#seq, what, at: this.#options.now().toISOString(), state: 'waiting', delay, ...(source && { source }) };
    this.#become(conversation, [...this.of(conversation), sending]);
    void this.#pump(conversation);
    return ref;
  }

  /** Sends again what was refused, at its place. */
  retry(conversation: number, ref: string): void {
    this.#change(conversation, ref, { state: 'waiting' });
    void this.#pump(conversation);
  }

  /** Takes back what has not left, and gives it. What is on its way stays. */
  discard(conversation: number, ref: string): Sending | undefined {
    const found = this.of(conversation).find((each) => each.ref === ref);
    if (!found || found.state === 'sending' || found.state === 'undoable') return undefined;
    this.#remove(conversation, ref, true);
    return found;
  }

  /** Takes back what was sent with one press, and gives what could be taken back. What has left meanwhile is not in it. */
  async takeBack(conversation: number, ref: string): Promise<Sending[]> {
    const first = this.of(conversation).find((each) => each.ref === ref);
    if (!first) return [];
    const all = this.of(conversation).filter((each) => each.ref === ref || (mayTakeBack(each) && each.source?.batch === first.source?.batch));
    const back: Sending[] = [];
    // The last one first: what leaves in spite of it is a beginning and not an end.
    for (const each of [...all].reverse()) if (await this.#back(conversation, each.ref)) back.unshift(each);
    return back;
  }

  async #back(conversation: number, ref: string): Promise<boolean> {
    const now = this.of(conversation).find((each) => each.ref === ref);
    if (!now) return false;
    if (now.state === 'sending') return new Promise((tell) => this.#asked.set(ref, tell));
    if (now.state === 'undoable' && now.message !== undefined) return this.#cancel(conversation, ref, now.message);
    return this.discard(conversation, ref) !== undefined;
  }

  async #cancel(conversation: number, ref: string, message: number): Promise<boolean> {
    try {
      this.#options.keep(await this.#options.cancel(message));
      this.#remove(conversation, ref, true);
      return true;
    } catch {
      // It has left, or the server cannot be reached: it leaves.
      return false;
    }
  }

  /** Resolves when all that was sent here before has left: true, or false if some of it was refused or taken back. */
  gone(conversation: number): Promise<boolean> {
    const refs = new Set(this.of(conversation).flatMap(({ ref, state }) => (state === 'refused' ? [] : [ref])));
    if (refs.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        conversation,
        refs,
        tell: (gone) => {
          this.#waiters = this.#waiters.filter((each) => each !== waiter);
          resolve(gone);
        },
      };
      this.#waiters = [...this.#waiters, waiter];
    });
  }

  /** The connection is back: what waits for it leaves now. */
  wake = (): void => {
    for (const [conversation, timer] of [...this.#timers]) {
      this.#options.clearTimer(timer);
      this.#timers.delete(conversation);
      void this.#pump(conversation);
    }
  };

  async #pump(conversation: number): Promise<void> {
    if (this.#busy.has(conversation) || this.#timers.has(conversation)) return;
    const next = this.of(conversation).find(({ state }) => state !== 'refused' && state !== 'undoable');
    if (!next) return;
    this.#busy.add(conversation);
    this.#change(conversation, next.ref, { state: 'sending' });
    const began = this.#options.now().getTime();
    try {
      const message = await this.#options.deliver(next);
      this.#failures.delete(conversation);
      this.#options.keep(message);
      this.#arrived(next, message, began);
    } catch (cause) {
      const error = cause instanceof ApiError ? cause : new ApiError(0, 'network', String(cause));
      const asked = this.#asked.get(next.ref);
      this.#asked.delete(next.ref);
      // The same call may have reached the server: only its next answer says whether there is something to take back.
      if (error.passes && asked) this.#asked.set(next.ref, asked);
      else asked?.(false);
      if (error.passes) {
        this.#change(conversation, next.ref, { state: 'offline', error });
        this.#later(conversation, error.retryAfter * 1000);
      } else {
        this.#change(conversation, next.ref, { state: 'refused', error });
      }
    } finally {
      this.#busy.delete(conversation);
    }
    void this.#pump(conversation);
  }

  /** The server has it: it is over, or it can be taken back until it leaves. */
  #arrived({ ref, conversation, delay }: Sending, message: Message, began: number): void {
    const asked = this.#asked.get(ref);
    this.#asked.delete(ref);
    if (delay === 0 || message.status !== 'queued') {
      asked?.(false);
      this.#remove(conversation, ref, false);
      return;
    }
    const until = began + delay * 1000;
    this.#change(conversation, ref, { state: 'undoable', message: message.id, until });
    this.#options.setTimer(() => this.#remove(conversation, ref, false), until - this.#options.now().getTime());
    if (asked) void this.#cancel(conversation, ref, message.id).then(asked);
  }

  #remove(conversation: number, ref: string, back: boolean): void {
    if (back) for (const waiter of this.#waiters) if (waiter.conversation === conversation && waiter.refs.has(ref)) waiter.tell(false);
    this.#become(
      conversation,
      this.of(conversation).filter((each) => each.ref !== ref),
    );
  }

  /** Tells those who wait for a conversation's messages how it went. */
  #tellWaiters(conversation: number): void {
    for (const { conversation: of, refs, tell } of this.#waiters) {
      if (of !== conversation) continue;
      const left = this.of(conversation).filter(({ ref }) => refs.has(ref));
      if (left.some(({ state }) => state === 'refused')) tell(false);
      else if (left.length === 0) tell(true);
    }
  }

  #later(conversation: number, atLeast: number): void {
    const failures = this.#failures.get(conversation) ?? 0;
    this.#failures.set(conversation, failures + 1);
    const wait = Math.max(atLeast, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures));
    this.#timers.set(
      conversation,
      this.#options.setTimer(() => {
        this.#timers.delete(conversation);
        void this.#pump(conversation);
      }, wait),
    );
  }

  #change(conversation: number, ref: string, part: Partial<Sending>): void {
    this.#become(
      conversation,
      this.of(conversation).map((each) => {
        if (each.ref !== ref) return each;
        return { ...each, error: undefined, ...part };
      }),
    );
  }

  #become(conversation: number, queue: readonly Sending[]): void {
    if (queue.length === 0) this.#queues.delete(conversation);
    else this.#queues.set(conversation, queue);
    this.#tellWaiters(conversation);
    for (const listener of this.#listeners) listener();
  }
}

const boxes = new WeakMap<QueryClient, Outbox>();

/** The outbox of this page. */
export function outboxOf(client: QueryClient): Outbox {
  const known = boxes.get(client);
  if (known) return known;
  const box = new Outbox({
    // It comes with the composer, behind the first paint.
    deliver: async (sending) => (await import('./deliver')).deliver(sending),
    keep: (message) => keepMessage(client, message),
    delay: () => preferences().sendDelay,
  });
  addEventListener('online', box.wake);
  addEventListener('beforeunload', (event) => {
    if (box.open > 0) event.preventDefault();
  });
  boxes.set(client, box);
  return box;
}

/** What a conversation still has to send, live. */
export function useSendings(box: Outbox, conversation: number): readonly Sending[] {
  return useSyncExternalStore(box.subscribe, () => box.of(conversation));
}
