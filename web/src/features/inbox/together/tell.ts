import { useEffect } from 'react';
import { onArrival, type PresenceState } from '@/api/live/presence';
import { tellPresence } from '@/api/queries/presence';
import { composing } from '../composer/compose';

/** Who looks says it once a minute, and nothing more often while nothing happens. */
const LOOKING_MS = 60_000;
/** Who writes says it so often, as long as keys are pressed. */
const WRITING_MS = 20_000;
/** After the last key, so long until it is no longer writing. */
const STOPPED_MS = 8000;
/** Somebody who comes is greeted, unless they just heard of us. */
const GREETED_MS = 5000;

/** Tells what one does in a conversation, from its opening to its end. The answer ends it. */
export function tellFrom(conversation: number, me: number, tell: (state: PresenceState) => void): () => void {
  let state: PresenceState = 'gone';
  let saidAt = 0;
  let stopped: ReturnType<typeof setTimeout> | undefined;
  const say = (next: PresenceState) => {
    state = next;
    saidAt = Date.now();
    tell(next);
  };
  const inSight = () => document.visibilityState === 'visible';
  const look = () => {
    if (inSight() && state !== 'looking') say('looking');
  };
  const leave = () => {
    clearTimeout(stopped);
    if (state !== 'gone') say('gone');
  };
  const seen = () => (inSight() ? look() : leave());
  const beat = setInterval(() => {
    if (inSight() && state === 'looking') say('looking');
  }, LOOKING_MS);

  let written = composing.of(conversation).reply.text;
  const stopWriting = composing.subscribe(() => {
    const { text } = composing.of(conversation).reply;
    if (text === written) return;
    written = text;
    clearTimeout(stopped);
    if (text === '') {
      if (state === 'writing') say('looking');
      return;
    }
    if (!inSight()) return;
    if (state !== 'writing' || Date.now() - saidAt >= WRITING_MS) say('writing');
    stopped = setTimeout(() => {
      if (state === 'writing') say('looking');
    }, STOPPED_MS);
  });
  const stopGreeting = onArrival((where, user) => {
    if (where === conversation && user !== me && state !== 'gone' && Date.now() - saidAt > GREETED_MS) say(state);
  });

  look();
  document.addEventListener('visibilitychange', seen);
  addEventListener('pagehide', leave);
  return () => {
    leave();
    clearInterval(beat);
    stopWriting();
    stopGreeting();
    document.removeEventListener('visibilitychange', seen);
    removeEventListener('pagehide', leave);
  };
}

/** Tells others what one does in the conversation that is on screen. */
export function useTellPresence(conversation: number, me: number): void {
  useEffect(() => tellFrom(conversation, me, (state) => tellPresence(conversation, state)), [conversation, me]);
}
