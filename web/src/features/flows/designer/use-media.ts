import { useSyncExternalStore } from 'react';

/** Whether the window fits a media query, also after it changed. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = typeof matchMedia === 'function' ? matchMedia(query) : undefined;
      list?.addEventListener('change', listener);
      return () => list?.removeEventListener('change', listener);
    },
    () => typeof matchMedia === 'function' && matchMedia(query).matches,
  );
}
