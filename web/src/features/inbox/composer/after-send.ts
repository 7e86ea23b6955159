import { useEffect, useSyncExternalStore } from 'react';
import type { Conversation } from '@/api/types';

/** What happens to the ticket once the answer is on its way. */
export type AfterSend = 'send' | 'close' | 'snooze';

type Run = (conversation: Conversation) => void;

const runs = new Map<AfterSend, Run>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

/** Offers *send and close* or *send and snooze* while the component is on screen: it opens its dialog when asked. */
export function useAfterSend(what: Exclude<AfterSend, 'send'>, run: Run): void {
  useEffect(() => {
    runs.set(what, run);
    tell();
    return () => {
      if (runs.get(what) === run) runs.delete(what);
      tell();
    };
  }, [what, run]);
}

/** Does what was chosen to follow the answer. */
export function runAfterSend(what: AfterSend, conversation: Conversation): void {
  runs.get(what)?.(conversation);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** What can follow an answer on this screen. */
export function useOffered(): { close: boolean; snooze: boolean } {
  const close = useSyncExternalStore(subscribe, () => runs.has('close'));
  const snooze = useSyncExternalStore(subscribe, () => runs.has('snooze'));
  return { close, snooze };
}
