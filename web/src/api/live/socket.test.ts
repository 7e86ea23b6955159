import { beforeEach, describe, expect, it } from 'vitest';
import { compareCursors } from './cursor';
import { LiveStream, type LiveEvent, type LiveState, type Socket } from './socket';

class FakeSocket implements Socket {
  sent: string[] = [];
  closed = false;
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  send(data: string) {
    this.sent.push(data);
  }
  close() {
    this.closed = true;
  }
  open() {
    this.onopen?.(undefined as never);
  }
  say(message: unknown) {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }
  drop(code = 1006) {
    this.onclose?.({ code });
  }
}

describe('the live stream', () => {
  let sockets: FakeSocket[];
  let timers: { run: () => void; ms: number }[];
  let events: LiveEvent[];
  let states: LiveState[];
  let fresh: number;
  let signedOut: number;
  let stream: LiveStream;
  const socket = () => sockets.at(-1)!;
  const event = (seq: string) => ({ type: 'event', seq, kind: 'message.created', conversation_id: 9, entity_id: 1 });

  beforeEach(() => {
    sockets = [];
    timers = [];
    events = [];
    states = [];
    fresh = 0;
    signedOut = 0;
    stream = new LiveStream({
      connect: () => {
        sockets.push(new FakeSocket());
        return socket();
      },
      onEvents: (batch) => events.push(...batch),
      onState: (state) => states.push(state),
      onFresh: () => (fresh += 1),
      onSignedOut: () => (signedOut += 1),
      setTimer: (run, ms) => timers.push({ run, ms }),
      clearTimer: () => undefined,
      random: () => 1,
    });
    stream.start();
    socket().open();
    socket().say({ type: 'ready', seq: '7.1' });
  });

  it('starts now, and asks for what was on screen to be read again', () => {
    expect(socket().sent).toEqual(['{"rows":true}']);
    expect(fresh).toBe(1);
    expect(states.at(-1)).toBe('live');
  });

  it('hands on a pushed row, and stays where it is until the event behind it', () => {
    socket().say({ type: 'ready', seq: '7.1', rows: true });
    socket().say({ type: 'row', seq: '8.1', row: { id: 900 } });
    expect(events.at(-1)).toEqual({ seq: '8.1', kind: 'row', row: { id: 900 } });
    socket().drop();
    timers[0]?.run();
    socket().open();
    expect(socket().sent).toEqual(['{"rows":true,"after":"7.1"}']);
    socket().say({ type: 'ready', seq: '7.1', rows: true });
    socket().say({ type: 'row', seq: '8.1', row: { id: 900 } });
    socket().say(event('8.1'));
    expect(events.filter((each) => each.kind === 'row')).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ seq: '8.1', pushed: true });
  });

  it('resumes after the last event it saw: without a gap, without a double', () => {
    socket().say(event('7.2'));
    socket().say(event('8.1'));
    socket().drop();
    timers[0]?.run();
    socket().open();
    expect(socket().sent).toEqual(['{"rows":true,"after":"8.1"}']);
    socket().say({ type: 'ready', seq: '8.1' });
    socket().say(event('8.1'));
    socket().say(event('8.2'));
    expect(events.map((each) => each.seq)).toEqual(['7.2', '8.1', '8.2']);
    expect(fresh).toBe(1);
  });

  it('tells what has gone out of sight, and moves its place on', () => {
    socket().say({ type: 'gone', seq: '7.2', conversation_id: 9 });
    socket().say({ type: 'gone', seq: '7.2', conversation_id: 9 });
    expect(events.map(({ kind, conversation_id: id }) => [kind, id])).toEqual([['gone', 9]]);
    expect(stream.after).toBe('7.2');
  });

  it('moves its place on while nothing happens', () => {
    socket().say({ type: 'ping', seq: '9.0' });
    expect(stream.after).toBe('9.0');
    expect(events).toEqual([]);
  });

  it('reads everything anew when the server did not hear where it was and began later', () => {
    socket().say(event('7.2'));
    socket().drop();
    timers[0]?.run();
    socket().open();
    socket().say({ type: 'ready', seq: '9.0' });
    expect(fresh).toBe(2);
    expect(stream.after).toBe('9.0');
  });

  it('reads everything anew when its place is too old', () => {
    socket().say({ type: 'reset', seq: '50.1' });
    expect(fresh).toBe(2);
    expect(stream.after).toBe('50.1');
    socket().say(event('50.1'));
    expect(events).toEqual([]);
  });

  it('waits longer each time, up to half a minute, and starts over after a success', () => {
    for (let i = 0; i < 7; i += 1) {
      socket().drop();
      timers.at(-1)?.run();
    }
    expect(timers.map((timer) => timer.ms)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    socket().open();
    socket().say({ type: 'ready', seq: '7.1' });
    socket().drop();
    expect(timers.at(-1)?.ms).toBe(1000);
  });

  it('tries at once when asked', () => {
    socket().drop();
    expect(sockets).toHaveLength(1);
    stream.retryNow();
    expect(sockets).toHaveLength(2);
  });

  it('stops when the sign-in has ended', () => {
    socket().drop(4401);
    expect(signedOut).toBe(1);
    expect(timers).toHaveLength(0);
    expect(states.at(-1)).toBe('closed');
  });

  it('ignores what it cannot read', () => {
    for (const odd of ['', '{', 'null', '{"type":"event"}', '{"type":"event","seq":"x","kind":"y"}', '[]']) socket().say(odd);
    expect(events).toEqual([]);
  });
});

describe('places in the outbox', () => {
  it('compares by transaction, then by number, beyond what a number holds exactly', () => {
    expect(compareCursors('9.1', '10.0')).toBe(-1);
    expect(compareCursors('10.2', '10.10')).toBe(-1);
    expect(compareCursors('9007199254740993.1', '9007199254740992.1')).toBe(1);
    expect(compareCursors('3.3', '3.3')).toBe(0);
  });
});
