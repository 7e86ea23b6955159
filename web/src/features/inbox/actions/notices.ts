import { useSyncExternalStore } from 'react';

/** What is said in a conversation about the last thing that was asked of it. */
export interface Notice {
  tone: 'refused' | 'waiting';
  words: string;
}

// By conversation, and outside React: an answer may come when somebody looks at another one.
const notices = new Map<number, Notice>();
const listeners = new Set<() => void>();

/** Says something in a conversation, or takes it back. */
export function setNotice(conversation: number, notice: Notice | undefined): void {
  if (notice) notices.set(conversation, notice);
  else notices.delete(conversation);
  for (const listener of listeners) listener();
}

/** What is said in a conversation. */
export function useNotice(conversation: number): Notice | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices.get(conversation),
  );
}
