import { z } from 'zod/mini';
import type { Conversation } from '../types';
import { compareCursors, type Cursor } from './cursor';

const seq = z.string().check(z.regex(/^\d+\.\d+$/));
const eventSchema = z.object({
  type: z.literal('event'),
  seq,
  kind: z.string(),
  conversation_id: z.optional(z.nullable(z.number())),
  entity_id: z.optional(z.nullable(z.number())),
  /** Only of what is not kept: who looks, who writes. */
  data: z.optional(z.unknown()),
});
const messageSchema = z.discriminatedUnion('type', [
  eventSchema,
  // A conversation was taken out of the reader's sight.
  z.object({ type: z.literal('gone'), seq, conversation_id: z.number() }),
  // A changed conversation, ahead of the event that changed it: as the reader's own read would answer it.
  z.object({ type: z.literal('row'), seq, row: z.custom<Conversation>((row) => typeof row === 'object') }),
  // The server says where the stream stands: at its start, while nothing happens, and when our place is too old.
  z.object({ type: z.enum(['ready', 'ping', 'reset']), seq, rows: z.optional(z.boolean()) }),
]);

/** One change the server tells about. It names what changed; the console reads what it may see. */
export type LiveEvent = Omit<z.infer<typeof eventSchema>, 'type'> & {
  /** The changed conversation itself; kind is `row`. */
  row?: Conversation;
  /** The conversation that the event is about comes as a row, so that nobody need read it. */
  pushed?: boolean;
};

/** Whether changes are coming in. */
export type LiveState = 'connecting' | 'live' | 'offline' | 'closed';

/** What of a WebSocket is used, so that a test can bring its own. */
export interface Socket {
  send(data: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: ((event: never) => void) | null;
}

/** What the socket needs from outside. */
export interface LiveOptions {
  connect: () => Socket;
  /** New events, in order, none twice. */
  onEvents: (events: LiveEvent[]) => void;
  onState: (state: LiveState) => void;
  /** The stream starts afresh: what was read before may have missed something, so everything on screen is read again. */
  onFresh: () => void;
  /** The server says that the sign-in has ended. */
  onSignedOut?: () => void;
  setTimer?: (run: () => void, ms: number) => unknown;
  clearTimer?: (timer: unknown) => void;
  random?: () => number;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
/** The server closes with this when the sign-in behind the socket is no longer valid. */
const CLOSE_SIGNED_OUT = 4401;

/**
 * The stream of changes: it resumes after the last event it has seen, so that a lost connection neither leaves a gap nor
 * brings an event twice.
 */
export class LiveStream {
  readonly #options: Required<Omit<LiveOptions, 'onSignedOut'>> & Pick<LiveOptions, 'onSignedOut'>;
  #socket: Socket | undefined;
  #after: Cursor | undefined;
  #rows = false;
  #failures = 0;
  #timer: unknown;
  #stopped = true;

  constructor(options: LiveOptions) {
    this.#options = {
      setTimer: (run, ms) => setTimeout(run, ms),
      clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
      random: Math.random,
      ...options,
    };
  }

  /** The last place seen. */
  get after(): Cursor | undefined {
    return this.#after;
  }

  /** Opens the stream and keeps it open until stop. */
  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#open();
  }

  /** Tries at once instead of waiting for the next retry: the network is back, or a person asked. */
  retryNow(): void {
    if (this.#stopped || this.#timer === undefined) return;
    this.#options.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#open();
  }

  /** Closes the stream for good. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer !== undefined) this.#options.clearTimer(this.#timer);
    this.#timer = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.onclose = null;
      socket.close();
    }
    this.#options.onState('closed');
  }

  #open(): void {
    this.#options.onState(this.#failures === 0 ? 'connecting' : 'offline');
    const socket = this.#options.connect();
    this.#socket = socket;
    // Said at once, also without a place to go on from: the server need not wait for it.
    socket.onopen = () => {
      if (this.#socket === socket) socket.send(JSON.stringify({ rows: true, after: this.#after }));
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#receive(data);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (code === CLOSE_SIGNED_OUT) {
        this.stop();
        this.#options.onSignedOut?.();
        return;
      }
      this.#retryLater();
    };
  }

  #receive(data: unknown): void {
    if (typeof data !== 'string') return;
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch {
      return;
    }
    const parsed = messageSchema.safeParse(json);
    if (!parsed.success) return;
    const message = parsed.data;
    const seen = this.#after !== undefined && compareCursors(message.seq, this.#after) <= 0;
    switch (message.type) {
      case 'ready':
        this.#rows = message.rows === true;
        // A start behind our place leaves something out: our first message did not reach the server in time.
        if (!seen) this.#after = message.seq;
        this.#live(!seen);
        break;
      case 'reset':
        this.#rows = message.rows === true;
        this.#after = message.seq;
        this.#live(true);
        break;
      case 'ping':
        if (!seen) this.#after = message.seq;
        break;
      case 'event':
        if (seen) return;
        this.#after = message.seq;
        this.#options.onEvents([{ ...message, pushed: this.#rows }]);
        break;
      case 'row':
        // The event behind it moves our place. Cut off between the two, we get both again.
        if (!seen) this.#options.onEvents([{ seq: message.seq, kind: 'row', row: message.row }]);
        break;
      case 'gone':
        if (seen) return;
        this.#after = message.seq;
        this.#options.onEvents([{ ...message, kind: 'gone' }]);
        break;
    }
  }

  #live(fresh: boolean): void {
    this.#failures = 0;
    this.#options.onState('live');
    if (fresh) this.#options.onFresh();
  }

  #retryLater(): void {
    if (this.#stopped) return;
    const step = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#options.onState('offline');
    // Half fixed, half by chance: after a deploy not every console comes back in the same instant.
    const wait = step / 2 + this.#options.random() * (step / 2);
    this.#timer = this.#options.setTimer(() => {
      this.#timer = undefined;
      this.#open();
    }, wait);
  }
}
