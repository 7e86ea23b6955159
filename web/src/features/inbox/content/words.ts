import type { TFunction } from 'i18next';
import type { Content } from '@/api/types';
import { plainText } from '@/components/whatsapp-text';

const KINDS = {
  image: 'content.image',
  video: 'content.video',
  audio: 'content.audio',
  voice: 'content.voice',
  document: 'content.document',
  sticker: 'content.sticker',
  location: 'content.location',
  contacts: 'content.contacts',
  template: 'content.template',
  order: 'content.order',
  call: 'content.call',
  form_reply: 'content.formReply',
  deleted: 'content.deleted',
  media_placeholder: 'content.mediaLater',
} as const;

/** A message in a few plain words, for quotes and for reading aloud. */
export function inWords(content: Content, t: TFunction): string {
  if (content.tap) return content.tap.title || content.tap.id;
  if (content.reaction) return content.reaction.emoji ? t('timeline.reaction', { emoji: content.reaction.emoji }) : t('timeline.reactionRemoved');
  const said = content.text || content.media?.caption || content.location?.name || content.media?.filename || '';
  const words = plainText(said);
  const kind = content.kind in KINDS ? t(KINDS[content.kind as keyof typeof KINDS]) : '';
  if (kind !== '' && words !== '') return `${kind}: ${words}`;
  return words || kind || t('content.unsupported');
}
