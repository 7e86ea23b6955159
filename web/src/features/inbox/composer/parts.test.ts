import { describe, expect, it } from 'vitest';
import { message } from '@/test/mock/people';
import type { Attachment, Draft } from './compose';
import { messagesOf, noteOf } from './parts';

const file = (id: string, kind: Attachment['kind'], part: Partial<Attachment> = {}): Attachment => ({ id, name: `${id}.bin`, size: 10, type: 'image/png', kind, progress: 0.4, state: 'uploading', ...part });
const draft = (text: string, files: Attachment[] = [], part: Partial<Draft> = {}): Draft => ({ text, files, ...part });

describe('the messages of a draft', () => {
  it('are its words, and the quote with them', () => {
    const replyTo = message(7, { content: { kind: 'text', text: 'a' }, created_at: '2026-11-20T12:00:00Z' });
    expect(messagesOf(draft(' oi ', [], { replyTo }), undefined)).toEqual([{ kind: 'reply', content: { kind: 'text', text: 'oi', reply_to: { message_id: 7 } } }]);
  });

  it('put the words under the first file that takes a caption', () => {
    const [audio, image, other] = messagesOf(draft('veja', [file('a', 'audio'), file('b', 'image'), file('c', 'image')]), undefined);
    expect(audio).toMatchObject({ upload: 'a', content: { kind: 'audio', media: { mime_type: 'image/png' } } });
    expect(image).toMatchObject({ upload: 'b', content: { kind: 'image', media: { caption: 'veja' } } });
    expect(other).toMatchObject({ upload: 'c', content: { kind: 'image' } });
  });

  it('put words that fit under no file before the files', () => {
    const long = 'x'.repeat(1025);
    expect(messagesOf(draft(long, [file('b', 'image')]), undefined).map((each) => each.kind === 'reply' && each.content.kind)).toEqual(['text', 'image']);
    expect(messagesOf(draft('oi', [file('v', 'voice')]), undefined).map((each) => each.kind === 'reply' && each.content.kind)).toEqual(['text', 'voice']);
  });

  it('wait for no upload where the server has the file', () => {
    const media = { id: 5, state: 'stored' as const, kind: 'image', mime_type: 'image/png', filename: 'a.png', created_at: '' };
    expect(messagesOf(draft('', [file('b', 'image', { media })]), undefined)[0]).toMatchObject({ content: { media: { media_id: 5 } } });
    expect(messagesOf(draft('', [file('b', 'image', { media })]), undefined)[0]).not.toHaveProperty('upload');
  });
});

describe('a note', () => {
  it('calls whom it still names', () => {
    const mentions = [
      { kind: 'user' as const, id: 2, name: 'Bruno Castro' },
      { kind: 'queue' as const, id: 9, name: 'Estoque' },
      { kind: 'user' as const, id: 3, name: 'Carla' },
    ];
    expect(noteOf(draft('', [], { mentions }), 'ver com @Bruno Castro e @Estoque ')).toEqual({
      kind: 'note',
      text: 'ver com @Bruno Castro e @Estoque',
      mentions: { user_ids: [2], queue_ids: [9] },
    });
    expect(noteOf(draft(''), 'só isto')).toEqual({ kind: 'note', text: 'só isto' });
  });
});
