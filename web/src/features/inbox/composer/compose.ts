import { useSyncExternalStore } from 'react';
import type { Media, Message } from '@/api/types';

/** What the composer writes now. It changes only when the agent changes it. */
export type Mode = 'reply' | 'note' | 'template';

/** The kinds of message a file can become. */
export type FileKind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker';

/** A file on its way into a message. */
export interface Attachment {
  id: string;
  name: string;
  size: number;
  /** The MIME type, as this browser sees it. */
  type: string;
  kind: FileKind;
  /** 0 to 1, while it is uploaded. */
  progress: number;
  state: 'uploading' | 'ready' | 'failed';
  /** What the server made of it. */
  media?: Media;
  /** Why it failed, in the reader's language. */
  problem?: string;
  /** An address of the file in this browser, for its picture. */
  preview?: string;
  durationMs?: number;
}

/** What is written and not sent. */
export interface Draft {
  text: string;
  files: readonly Attachment[];
  /** Who is called in a note. */
  mentions?: readonly { kind: 'user' | 'queue'; id: number; name: string }[];
  /** The message that is answered. */
  replyTo?: Message | undefined;
}

/** A template that is being filled. */
export interface TemplateDraft {
  id?: number | undefined;
  search: string;
  values: Readonly<Record<string, string>>;
  files: Readonly<Record<string, Attachment>>;
}

/** What the composer of one conversation holds. */
export interface Compose {
  mode: Mode;
  reply: Draft;
  note: Draft;
  template: TemplateDraft;
  /** What was taken back while something else was being written. */
  offered?: readonly TakenBack[];
}

/** What a message that was taken back was made of. */
export type TakenBack = { draft: Draft; template?: never } | { template: TemplateDraft; draft?: never };

const EMPTY: Draft = { text: '', files: [] };
const NO_TEMPLATE: TemplateDraft = { search: '', values: {}, files: {} };
const START: Compose = { mode: 'reply', reply: EMPTY, note: EMPTY, template: NO_TEMPLATE };

/** Whether a draft holds nothing that could be lost. */
export function isEmpty(draft: Draft): boolean {
  return draft.text.trim() === '' && draft.files.length === 0;
}

/**
 * What is being written in each conversation. It is kept by the conversation's id and not by the screen: whatever a screen
 * changes names its conversation, so that a text never ends up with another person.
 */
export class ComposeStore {
  readonly #states = new Map<number, Compose>();
  readonly #listeners = new Set<() => void>();

  /** What the composer of a conversation holds. */
  of(conversation: number): Compose {
    return this.#states.get(conversation) ?? START;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Changes some of it. */
  change(conversation: number, part: Partial<Compose>): void {
    this.#states.set(conversation, { ...this.of(conversation), ...part });
    for (const listener of this.#listeners) listener();
  }

  /** Changes what is written as an answer or as a note. */
  write(conversation: number, mode: 'reply' | 'note', part: Partial<Draft>): void {
    this.change(conversation, { [mode]: { ...this.of(conversation)[mode], ...part } });
  }

  /** Forgets what was written as an answer or as a note: it was sent. */
  clear(conversation: number, mode: 'reply' | 'note'): void {
    this.change(conversation, { [mode]: EMPTY });
  }

  /** Changes the template that is being filled; nothing forgets it. */
  fill(conversation: number, part?: Partial<TemplateDraft>): void {
    this.change(conversation, { template: part ? { ...this.of(conversation).template, ...part } : NO_TEMPLATE });
  }

  /** Changes one file wherever its conversation holds it. A file that was taken out changes nothing. */
  changeFile(conversation: number, id: string, part: Partial<Attachment>): void {
    const state = this.of(conversation);
    for (const mode of ['reply', 'note'] as const) {
      if (!state[mode].files.some((each) => each.id === id)) continue;
      this.write(conversation, mode, { files: state[mode].files.map((each) => (each.id === id ? { ...each, ...part } : each)) });
    }
    for (const [key, file] of Object.entries(state.template.files)) {
      if (file.id === id) this.fill(conversation, { files: { ...state.template.files, [key]: { ...file, ...part } } });
    }
  }
}

/** What is being written on this page. Signing out loads the page anew and forgets it. */
export const composing = new ComposeStore();

/** What the composer of a conversation holds, live. */
export function useCompose(conversation: number): Compose {
  return useSyncExternalStore(composing.subscribe, () => composing.of(conversation));
}
