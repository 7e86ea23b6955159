import { CircleSlash, FileClock, HelpCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Content, Media } from '@/api/types';
import { MessageText } from '@/components/message-text';
import { ContactsContent, LocationContent } from './cards';
import { InteractiveContent, TapContent, TemplateContent } from './interactive';
import { CallContent, EditWithoutWords, FormAnswers, OrderContent, UnsupportedReason } from './later';
import { AudioContent, DocumentContent, ImageContent, StickerContent, VideoContent } from './media';

function Unsupported({ content }: { content: Content }) {
  const { t } = useTranslation();
  const type = content.unsupported?.type || (content.kind === 'unsupported' ? '' : content.kind);
  return (
    <div className="max-w-72 text-sm">
      <p className="flex items-center gap-2 font-medium">
        <HelpCircle aria-hidden="true" className="size-4 shrink-0" />
        {t('content.unsupported')}
      </p>
      <p className="text-muted">{t('content.unsupportedHint')}</p>
      {type && <p className="font-mono text-xs text-faint">{t('content.unsupportedType', { type })}</p>}
      {content.unsupported && <UnsupportedReason unsupported={content.unsupported} />}
      {content.text && <MessageText text={content.text} />}
    </div>
  );
}

function Caption({ content }: { content: Content }) {
  return content.media?.caption ? <MessageText text={content.media.caption} className="pt-1.5" /> : null;
}

/**
 * What a message says, by its kind. A kind this version does not know is shown as unsupported, with its words if it has
 * any: never as an error.
 */
export function MessageContent({ content, file, sender }: { content: Content; file?: Media | undefined; sender: string }) {
  const { t } = useTranslation();
  const media = content.media;
  switch (content.kind) {
    case 'text':
      return <MessageText text={content.text ?? ''} />;
    case 'image':
      return media ? (
        <>
          <ImageContent media={media} file={file} sender={sender} />
          <Caption content={content} />
        </>
      ) : null;
    case 'video':
      return media ? (
        <>
          <VideoContent media={media} file={file} />
          <Caption content={content} />
        </>
      ) : null;
    case 'audio':
    case 'voice':
      return media ? <AudioContent media={media} file={file} voice={content.kind === 'voice' || media.voice === true} /> : null;
    case 'document':
      return media ? (
        <>
          <DocumentContent media={media} file={file} />
          <Caption content={content} />
        </>
      ) : null;
    case 'sticker':
      return media ? <StickerContent media={media} file={file} /> : null;
    case 'location':
      return content.location ? <LocationContent location={content.location} /> : null;
    case 'contacts':
      return <ContactsContent contacts={content.contacts ?? []} />;
    case 'buttons':
    case 'list':
    case 'cta_url':
    case 'location_request':
    case 'contact_request':
    case 'call_permission_request':
    case 'form':
    case 'product':
    case 'product_list':
    case 'catalog':
    case 'carousel':
      return <InteractiveContent content={content} file={file} sender={sender} />;
    case 'template':
      return <TemplateContent content={content} file={file} sender={sender} />;
    case 'tap':
      return content.tap ? <TapContent tap={content.tap} /> : null;
    case 'form_reply':
      return (
        <div>
          <p className="text-sm font-medium">{t('content.formReply')}</p>
          {content.form_reply && <FormAnswers reply={content.form_reply} />}
        </div>
      );
    case 'order':
      return content.order ? <OrderContent order={content.order} /> : null;
    case 'call':
    case 'call_permission_reply':
      return <CallContent content={content} />;
    case 'reaction':
      return (
        <p className="text-sm text-muted">
          {content.reaction?.emoji ? t('timeline.reaction', { emoji: content.reaction.emoji }) : t('timeline.reactionRemoved')}
          <span className="block text-xs">{t('timeline.reactionTo')}</span>
        </p>
      );
    case 'edit':
      return content.edit?.content ? <MessageContent content={content.edit.content} sender={sender} /> : <EditWithoutWords />;
    case 'deleted':
      return (
        <p className="flex items-center gap-2 text-sm text-muted italic">
          <CircleSlash aria-hidden="true" className="size-4" />
          {t('content.deleted')}
        </p>
      );
    case 'media_placeholder':
      return (
        <p className="flex items-center gap-2 text-sm text-muted">
          <FileClock aria-hidden="true" className="size-4" />
          {t('content.mediaLater')}
        </p>
      );
    default:
      return <Unsupported content={content} />;
  }
}
