import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/problem';
import type { Message } from '@/api/types';
import { message } from '@/test/mock/people';
import { Outbox } from './outbox';
import { contentOfSending, type Sending } from './outgoing';

/** An outbox whose network and clock are in the test's hands. */
function make({ delay = 0 } = {}) {
  const calls: { sending: Sending; yes: () => void; no: (error: ApiError) => void }[] = [];
  const kept: Message[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const cancels: number[] = [];
  const left = new Set<number>();
  let clock = Date.parse('2026-11-20T12:00:00Z');
  let refs = 0;
  const box = new Outbox({
    deliver: (sending) =>
      new Promise((resolve, reject) => {
        calls.push({
          sending,
          yes: () => resolve(message(calls.length, { content: contentOfSending(sending), created_at: sending.at, client_ref: sending.ref, status: 'queued' })),
          no: reject,
        });
      }),
    keep: (each) => kept.push(each),
    newRef: () => `r${(refs += 1)}`,
    now: () => new Date(clock),
    delay: () => delay,
    cancel: (id) => {
      cancels.push(id);
      if (left.has(id)) return Promise.reject(new ApiError(409, 'conflict', 'it has left'));
      return Promise.resolve(message(id, { status: 'cancelled', content: { kind: 'text', text: '' }, created_at: '2026-11-20T12:00:00Z' }));
    },
    setTimer: (run, ms) => {
      timers.push({ run, ms });
      return timers.length - 1;
    },
    clearTimer: () => undefined,
  });
  const say = (text: string, conversation = 1) => box.send(conversation, { kind: 'reply', content: { kind: 'text', text } });
  const answer = (text: string, batch = 'b1') => box.send(1, { kind: 'reply', content: { kind: 'text', text } }, { batch, draft: { text, files: [] } });
  const pass = (ms: number) => {
    clock += ms;
    for (const timer of timers.splice(0)) timer.run();
  };
  return { box, calls, kept, timers, say, answer, cancels, left, pass };
}

const offline = new ApiError(0, 'network', 'no network');
const refused = new ApiError(409, 'window_closed', 'closed');

describe('the outbox', () => {
  it('shows a message at once, before the server has answered', () => {
    const { box, say } = make();
    say('oi');
    expect(box.of(1)).toMatchObject([{ state: 'sending', what: { content: { text: 'oi' } } }]);
  });

  it('sends one after the other in a conversation, and other conversations meanwhile', async () => {
    const { calls, kept, say } = make();
    say('um');
    say('dois');
    say('outra', 2);
    expect(calls.map(({ sending }) => contentOfSending(sending).text)).toEqual(['um', 'outra']);
    calls[0]!.yes();
    await vi.waitFor(() => expect(calls).toHaveLength(3));
    expect(contentOfSending(calls[2]!.sending).text).toBe('dois');
    expect(kept.map((each) => each.client_ref)).toEqual(['r1']);
  });

  it('tries again with the same reference, so that a slow network doubles nothing', async () => {
    const { box, calls, timers, say } = make();
    say('um');
    say('dois');
    calls[0]!.no(offline);
    await vi.waitFor(() => expect(timers).toHaveLength(1));
    expect(box.of(1).map((each) => each.state)).toEqual(['offline', 'waiting']);
    timers[0]!.run();
    expect(calls[1]!.sending.ref).toBe(calls[0]!.sending.ref);
    calls[1]!.no(offline);
    await vi.waitFor(() => expect(timers).toHaveLength(2));
    expect(timers.map((each) => each.ms)).toEqual([1000, 2000]);
  });

  it('leaves at once when the connection is back', async () => {
    const { box, calls, timers, say } = make();
    say('um');
    calls[0]!.no(offline);
    await vi.waitFor(() => expect(timers).toHaveLength(1));
    box.wake();
    expect(calls).toHaveLength(2);
  });

  it('keeps what was refused in its place with the reason, and goes on with the next', async () => {
    const { box, calls, say } = make();
    const ref = say('um');
    say('dois');
    calls[0]!.no(refused);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    expect(box.of(1)).toMatchObject([{ state: 'refused', error: refused }, { state: 'sending' }]);
    calls[1]!.yes();
    await vi.waitFor(() => expect(box.of(1)).toHaveLength(1));
    box.retry(1, ref);
    expect(box.of(1)).toMatchObject([{ ref, state: 'sending' }]);
    expect(box.of(1)[0]?.error).toBeUndefined();
  });

  it('gives back what is taken back, and nothing that is on its way', async () => {
    const { box, calls, say } = make();
    const first = say('um');
    const second = say('dois');
    expect(box.discard(1, first)).toBeUndefined();
    expect(box.discard(1, second)).toMatchObject({ what: { content: { text: 'dois' } } });
    calls[0]!.yes();
    await vi.waitFor(() => expect(box.open).toBe(0));
    expect(calls).toHaveLength(1);
  });
});

describe('the undo of sending', () => {
  it('lets an answer wait at the server, and ends when it leaves', async () => {
    const { box, calls, answer, pass } = make({ delay: 5 });
    answer('oi');
    expect(calls[0]!.sending.delay).toBe(5);
    calls[0]!.yes();
    await vi.waitFor(() => expect(box.of(1)).toMatchObject([{ state: 'undoable', message: 1 }]));
    expect(box.open).toBe(0);
    pass(5000);
    expect(box.of(1)).toEqual([]);
  });

  it('takes back all of one press, the last first, and nothing of another', async () => {
    const { box, calls, answer, cancels } = make({ delay: 5 });
    answer('antes', 'b0');
    const ref = answer('um');
    answer('dois');
    for (const [index] of ['antes', 'um', 'dois'].entries()) {
      await vi.waitFor(() => expect(calls).toHaveLength(index + 1));
      calls[index]!.yes();
    }
    await vi.waitFor(() => expect(box.of(1).every(({ state }) => state === 'undoable')).toBe(true));
    const back = await box.takeBack(1, ref);
    expect(back.map((each) => contentOfSending(each).text)).toEqual(['um', 'dois']);
    expect(cancels).toHaveLength(2);
    expect(box.of(1).map((each) => contentOfSending(each).text)).toEqual(['antes']);
  });

  it('takes back what is on its way as soon as the server has it', async () => {
    const { box, calls, answer, cancels } = make({ delay: 5 });
    const taken = box.takeBack(1, answer('oi'));
    expect(cancels).toEqual([]);
    calls[0]!.yes();
    expect(await taken).toHaveLength(1);
    expect(cancels).toEqual([1]);
    expect(box.of(1)).toEqual([]);
  });

  it('says that nothing came back when it has left', async () => {
    const { box, calls, answer, left } = make({ delay: 5 });
    const ref = answer('oi');
    calls[0]!.yes();
    await vi.waitFor(() => expect(box.of(1)[0]?.state).toBe('undoable'));
    left.add(1);
    expect(await box.takeBack(1, ref)).toEqual([]);
  });

  it('what follows waits until it has left, and is told when it was taken back or refused', async () => {
    const { box, calls, answer, pass } = make({ delay: 5 });
    answer('oi');
    let told: boolean | undefined;
    void box.gone(1).then((gone) => (told = gone));
    calls[0]!.yes();
    await vi.waitFor(() => expect(box.of(1)[0]?.state).toBe('undoable'));
    expect(told).toBeUndefined();
    expect(box.open).toBe(1);
    pass(5000);
    await vi.waitFor(() => expect(told).toBe(true));

    const ref = answer('volta', 'b2');
    const second = box.gone(1);
    calls[1]!.yes();
    await vi.waitFor(() => expect(box.of(1)[0]?.state).toBe('undoable'));
    await box.takeBack(1, ref);
    expect(await second).toBe(false);

    answer('recusada', 'b3');
    const third = box.gone(1);
    calls[2]!.no(refused);
    expect(await third).toBe(false);
    expect(await box.gone(1)).toBe(true);
  });
});
