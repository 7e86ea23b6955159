import { ApiError } from '@/api/problem';
import { sendMessage } from '@/api/queries/messages';
import { renderText, writeNote, type Mentioned } from '@/api/queries/writing';
import type { Content, Media, Message } from '@/api/types';
import { uploaded } from './files';
import { hasVariables, VARIABLES } from './triggers';

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
  /** waiting for those before it, on its way, waiting for a connection, or refused. */
  state: 'waiting' | 'sending' | 'offline' | 'refused';
  /** Why it was refused, or why it could not leave so far. */
  error?: ApiError | undefined;
}

/** What a message or a note says. */
export function contentOfSending({ what }: Sending): Content {
  return what.kind === 'note' ? { kind: 'text', text: what.text } : what.content;
}

/** The text with its variables filled in. A variable that has no value for this contact is refused, not sent. */
async function filled(conversation: number, text: string): Promise<string> {
  if (!hasVariables(text)) return text;
  const { text: rendered, missing } = await renderText(conversation, text);
  const known = missing.filter((name) => (VARIABLES as readonly string[]).includes(name));
  if (known.length > 0) throw new ApiError(422, 'variables_missing', '', '', 0, [], '', { names: known.join(', ') });
  return rendered;
}

/** Sends it. Doing it again with the same reference changes nothing. */
export async function deliver({ conversation, ref, what }: Sending): Promise<Message> {
  if (what.kind === 'note') return writeNote(conversation, await filled(conversation, what.text), what.mentions, ref);
  let { content } = what;
  if (what.upload !== undefined) {
    const media = await uploaded(what.upload);
    content = { ...content, media: { ...content.media, media_id: media.id } };
  }
  if (content.kind === 'text') content = { ...content, text: await filled(conversation, content.text ?? '') };
  else if (content.media?.caption) content = { ...content, media: { ...content.media, caption: await filled(conversation, content.media.caption) } };
  return sendMessage(conversation, content, ref);
}
