import type { ApiError } from '@/api/problem';
import type { Mentioned } from '@/api/queries/writing';
import type { Content, Media } from '@/api/types';
import type { Draft, TemplateDraft } from './compose';

/** An answer to the contact. */
export interface Reply {
  kind: 'reply';
  content: Content;
  /** The upload it waits for. */
  upload?: string;
  /** The file as this browser has it, until the server does. */
  file?: Media;
}

/** A note, which stays here. */
export interface Note {
  kind: 'note';
  text: string;
  mentions?: Mentioned;
}

/** What an agent sends. */
export type Outgoing = Reply | Note;

/** What messages were made of: it comes back to the composer when they are taken back. */
export interface Source {
  /** What was sent with one press is taken back with one. */
  batch: string;
  draft?: Draft;
  template?: TemplateDraft;
}

/** Something an agent has sent and the server has not yet confirmed. */
export interface Sending {
  /** The client's own id: the server makes one message of it, however often it is sent. */
  ref: string;
  conversation: number;
  /** Counts what this page has sent. */
  seq: number;
  what: Outgoing;
  /** When it was sent, by this browser's clock. */
  at: string;
  /** waiting for those before it, on its way, waiting for a connection, refused, or with the server, which lets it wait. */
  state: 'waiting' | 'sending' | 'offline' | 'refused' | 'undoable';
  /** For so many seconds the server lets it wait. */
  delay: number;
  source?: Source;
  /** While it can be taken back: its id, and when that ends, by this browser's clock. */
  message?: number;
  until?: number;
  /** Why it was refused, or why it could not leave so far. */
  error?: ApiError | undefined;
}

/** What a message or a note says. */
export function contentOfSending({ what }: Sending): Content {
  return what.kind === 'note' ? { kind: 'text', text: what.text } : what.content;
}
