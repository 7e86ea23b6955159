import { ApiError } from '@/api/problem';
import { sendMessage } from '@/api/queries/messages';
import { renderText, writeNote } from '@/api/queries/writing';
import type { Message } from '@/api/types';
import { uploaded } from './files';
import type { Sending } from './outgoing';
import { hasVariables, VARIABLES } from './triggers';

/** The text with its variables filled in. A variable that has no value for this contact is refused, not sent. */
async function filled(conversation: number, text: string): Promise<string> {
  if (!hasVariables(text)) return text;
  const { text: rendered, missing } = await renderText(conversation, text);
  const known = missing.filter((name) => (VARIABLES as readonly string[]).includes(name));
  if (known.length > 0) throw new ApiError(422, 'variables_missing', '', '', 0, [], '', { names: known.join(', ') });
  return rendered;
}

/** Sends it. Doing it again with the same reference changes nothing. */
export async function deliver({ conversation, ref, what, delay }: Sending): Promise<Message> {
  if (what.kind === 'note') return writeNote(conversation, await filled(conversation, what.text), what.mentions, ref);
  let { content } = what;
  if (what.upload !== undefined) {
    const media = await uploaded(what.upload);
    content = { ...content, media: { ...content.media, media_id: media.id } };
  }
  if (content.kind === 'text') content = { ...content, text: await filled(conversation, content.text ?? '') };
  else if (content.media?.caption) content = { ...content, media: { ...content.media, caption: await filled(conversation, content.media.caption) } };
  return sendMessage(conversation, content, ref, delay);
}
