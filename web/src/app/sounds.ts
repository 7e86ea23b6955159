import { useEffect } from 'react';
import { onChanged } from '@/api/live/apply';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation } from '@/api/types';
import { preferences } from './preferences';

// One browser rings once, however many pages of it are open: the last message that was heard is kept for all of them.
const HEARD = 'perene.heard';
/** Messages that come at once ring once. */
const QUIET_MS = 2000;

/** Whether it is of the listener: theirs, or waiting in a place of theirs (rule 236). */
function concerns({ ticket, lists = [] }: Conversation, me: number): boolean {
  return ticket !== undefined && !ticket.snoozed && (ticket.agent ? ticket.agent.id === me : lists.includes('open'));
}

/** Whether the conversations are in sight: then they show what came, and nothing rings (rule 235). */
function inSight(): boolean {
  return document.visibilityState === 'visible' && location.pathname.startsWith('/conversas');
}

/** Whether no other page of this browser rang for the message. */
function firstToHear(message: number): boolean {
  try {
    if (Number(localStorage.getItem(HEARD) ?? 0) >= message) return false;
    localStorage.setItem(HEARD, String(message));
  } catch {
    // A store that is forbidden means that each page rings.
  }
  return true;
}

/** Two soft tones. A browser that nobody has touched yet stays silent. */
function ring(): void {
  const context = new AudioContext();
  const volume = context.createGain();
  volume.connect(context.destination);
  const begin = context.currentTime;
  for (const [pitch, at] of [
    [660, 0],
    [880, 0.14],
  ] as const) {
    const tone = context.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(volume);
    tone.start(begin + at);
    tone.stop(begin + at + 0.13);
  }
  volume.gain.setValueAtTime(0.0001, begin);
  volume.gain.exponentialRampToValueAtTime(0.2, begin + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.32);
  setTimeout(() => void context.close(), 600);
}

/** Rings for a contact's message while the conversations are out of sight. */
export default function Sounds() {
  const { user } = useMe();
  useEffect(() => {
    let rang = 0;
    return onChanged(({ conversation, written }) => {
      const { last_message: last } = conversation;
      if (!written || last?.direction !== 'in' || !preferences().sounds || inSight() || !concerns(conversation, user.id)) return;
      if (!firstToHear(last.id) || Date.now() - rang < QUIET_MS) return;
      rang = Date.now();
      ring();
    });
  }, [user.id]);
  return null;
}
