import { useEffect, useState } from 'react';

/** One thing that can be chosen. */
export interface Option {
  value: string;
  words: string;
  /** A second line: what tells it from others of the same name. */
  hint?: string;
  /** A dot's colour, where people gave one (queues, labels). */
  color?: string;
}

/** Options that are all known, or a search for those that match what is typed. */
export type Options = readonly Option[] | ((text: string, signal: AbortSignal) => Promise<readonly Option[]>);

const PAUSE_MS = 200;

interface Found {
  text: string;
  options: readonly Option[];
  failed: boolean;
}

/**
 * What a combobox offers for a text. A search begins when the typing pauses, and an answer that comes after a newer search is
 * dropped. Until the answer is there the last options stay.
 */
export function useOptions(from: Options, text: string, open: boolean): { options: readonly Option[]; searching: boolean; failed: boolean } {
  const [found, setFound] = useState<Found | undefined>();
  const search = typeof from === 'function' ? from : undefined;
  useEffect(() => {
    if (!search || !open) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      search(text, abort.signal).then(
        (options) => {
          if (!abort.signal.aborted) setFound({ text, options, failed: false });
        },
        () => {
          if (!abort.signal.aborted) setFound({ text, options: [], failed: true });
        },
      );
    }, text === '' ? 0 : PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [search, text, open]);
  if (typeof from !== 'function') return { options: from, searching: false, failed: false };
  return { options: found?.options ?? [], searching: open && found?.text !== text, failed: found?.text === text && found.failed };
}
