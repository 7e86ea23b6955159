import type { Doc } from './document';

/** What an edit did, for the words of undo: “Desfazer: ligar Menu”. */
export interface Edit {
  doc: Doc;
  /** What was done, in a word of the texts. */
  did: string;
  /** What it was done to. */
  what?: string;
  /** Edits of one merge that follow each other quickly are one: typing, or pressing an arrow. */
  merge?: string;
}

interface Step {
  doc: Doc;
  did: string;
  what?: string;
}

/** A document with what can be undone and redone. */
export interface History {
  doc: Doc;
  past: readonly Step[];
  future: readonly Step[];
  /** What the last edit may grow together with. */
  open?: { merge: string; at: number };
}

const STEPS = 200;
/** Edits of one merge further apart than this are two. */
export const TOGETHER_MS = 1500;

/** The beginning: nothing to undo. */
export function begin(doc: Doc): History {
  return { doc, past: [], future: [] };
}

const label = ({ did, what }: Step | Edit): { did: string; what?: string } => ({ did, ...(what !== undefined && { what }) });

/** The history after an edit. What was undone before is gone. */
export function edited(history: History, edit: Edit, now: number): History {
  if (edit.doc === history.doc) return history;
  const grows = edit.merge !== undefined && history.open?.merge === edit.merge && now - history.open.at < TOGETHER_MS && history.past.length > 0;
  const past = grows ? history.past : [...history.past, { doc: history.doc, ...label(edit) }].slice(-STEPS);
  return { doc: edit.doc, past, future: [], ...(edit.merge !== undefined && { open: { merge: edit.merge, at: now } }) };
}

/** One step back. */
export function undone(history: History): History {
  const last = history.past.at(-1);
  if (!last) return history;
  return { doc: last.doc, past: history.past.slice(0, -1), future: [{ doc: history.doc, ...label(last) }, ...history.future] };
}

/** One step forward again. */
export function redone(history: History): History {
  const [next, ...future] = history.future;
  if (!next) return history;
  return { doc: next.doc, past: [...history.past, { doc: history.doc, ...label(next) }], future };
}
