import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError } from '@/api/problem';
import { keepMessage } from '@/api/queries/messages';
import type { Message } from '@/api/types';
import { deliver, type Outgoing, type Sending } from './outgoing';

/** The parts that tests bring themselves. */
export interface OutboxOptions {
  deliver: (sending: Sending) => Promise<Message>;
  keep: (message: Message) => void;
  newRef?: () => string;
  now?: () => Date;
  setTimer?: (run: () => void, ms: number) => unknown;
  clearTimer?: (timer: unknown) => void;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
const NONE: readonly Sending[] = [];

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
  #seq = 0;

  constructor(options: OutboxOptions) {
    this.#options = {
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
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes something to send, and gives its reference. */
  send(conversation: number, what: Outgoing): string {
    const ref = this.#options.newRef();
    this.#seq += 1;
    const sending: Sending = { ref, conversation, seq: this.#seq, what, at: this.#options.now().toISOString(), state: 'waiting' };
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
    if (!found || found.state === 'sending') return undefined;
    this.#become(
      conversation,
      this.of(conversation).filter((each) => each.ref !== ref),
    );
    return found;
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
    const next = this.of(conversation).find((each) => each.state !== 'refused');
    if (!next) return;
    this.#busy.add(conversation);
    this.#change(conversation, next.ref, { state: 'sending' });
    try {
      const message = await this.#options.deliver(next);
      this.#failures.delete(conversation);
      this.#options.keep(message);
      this.#become(
        conversation,
        this.of(conversation).filter((each) => each.ref !== next.ref),
      );
    } catch (cause) {
      const error = cause instanceof ApiError ? cause : new ApiError(0, 'network', String(cause));
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
    for (const listener of this.#listeners) listener();
  }
}

const boxes = new WeakMap<QueryClient, Outbox>();

/** The outbox of this page. */
export function outboxOf(client: QueryClient): Outbox {
  const known = boxes.get(client);
  if (known) return known;
  const box = new Outbox({
    deliver,
    keep: (message) => keepMessage(client, message),
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
