import { useInfiniteQuery } from '@tanstack/react-query';
import { ExternalLink, FileText } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { messagesQuery } from '@/api/queries/messages';
import { flatten } from '@/api/queries/pages';
import type { Conversation, Message } from '@/api/types';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { fileSize, span, useDates, useNow } from '@/i18n/format';
import { usePreferences } from '@/app/preferences';
import { Section } from './details-section';

function useMessages(conversation: number) {
  const query = useInfiniteQuery(messagesQuery(conversation));
  const messages = useMemo(() => flatten(query.data), [query.data]);
  return { query, messages };
}

/** The other clocks: sessions of templates and of service. They say nothing of what may be written (rules 090 to 093, Z14). */
export function TemplateSessions({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const now = useNow(1000);
  const sessions = (conversation.sessions ?? []).filter(({ ends_at }) => Date.parse(ends_at) > now);
  if (sessions.length === 0) return null;
  return (
    <ul aria-label={t('contact.sessions')} className="mt-3 space-y-1">
      {sessions.map(({ category, ends_at }) => (
        <li key={category} className="flex items-center justify-between gap-2" title={t(category === 'service' ? 'contact.serviceHint' : 'contact.sessionHint')}>
          <Badge tone={category === 'service' ? 'good' : 'accent'}>{t(`contact.session.${category}`)}</Badge>
          <span className="tabular text-sm text-muted">{t('window.left', { time: span(Date.parse(ends_at) - now) })}</span>
        </li>
      ))}
    </ul>
  );
}

/** The campaign a contact came from, where a message says so (rule 189). */
export function CampaignOrigin({ conversation }: { conversation: number }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const { messages } = useMessages(conversation);
  const from = messages.find((each) => each.content.referral);
  const referral = from?.content.referral;
  if (!from || !referral) return null;
  return (
    <Section title={t('contact.origin')}>
      <p className="text-sm font-medium">{referral.headline || referral.body || referral.source_id}</p>
      <p className="tabular text-xs text-muted">
        {referral.source_type === 'post' ? t('timeline.fromPost') : t('timeline.fromAd')} · {dates.short(from.created_at, now)}
        {referral.source_id && ` · ${referral.source_id}`}
      </p>
      {referral.source_url && /^https?:\/\//.test(referral.source_url) && (
        <a href={referral.source_url} target="_blank" rel="noopener noreferrer" className="inline-flex min-h-7 items-center gap-1 text-sm text-accent-strong underline underline-offset-2">
          {t('contact.seeAd')}
          <ExternalLink aria-hidden="true" className="size-3.5" />
          <span className="sr-only">{t('app.newTab')}</span>
        </a>
      )}
    </Section>
  );
}

function fileOf(message: Message) {
  const { media } = message;
  return media?.state === 'stored' && media.url ? { message, media, url: media.url } : undefined;
}

/** Pictures and files that were sent and received, newest first, as far as the messages are loaded. */
export function Files({ conversation }: { conversation: number }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const { language } = usePreferences();
  const { query, messages } = useMessages(conversation);
  const files = messages.flatMap((message) => fileOf(message) ?? []);
  const pictures = files.filter(({ media }) => media.mime_type.startsWith('image/'));
  const others = files.filter(({ media }) => !media.mime_type.startsWith('image/'));
  return (
    <>
      {pictures.length > 0 && (
        <ul aria-label={t('contact.pictures')} className="grid grid-cols-4 gap-1.5">
          {pictures.map(({ message, media, url }) => (
            <li key={message.id}>
              <a href={url} target="_blank" rel="noopener noreferrer" className="block aspect-square overflow-hidden rounded-lg bg-sunken">
                <img src={url} alt={message.content.text || media.filename || t('content.image')} loading="lazy" className="size-full object-cover" />
                <span className="sr-only">{t('app.newTab')}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <ul aria-label={t('contact.files')} className="mt-2 space-y-1">
          {others.map(({ message, media, url }) => (
            <li key={message.id}>
              <a href={url} download={media.filename} className="flex min-h-10 items-center gap-2 rounded-lg px-2 text-sm hover:bg-sunken">
                <FileText aria-hidden="true" className="size-4 shrink-0 text-muted" />
                <span className="min-w-0 flex-1 truncate">{media.filename || t('content.document')}</span>
                <span className="tabular shrink-0 text-xs text-muted">
                  {media.size !== undefined && `${fileSize(media.size, language)} · `}
                  {dates.list(message.created_at, now)}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {files.length === 0 && <p className="text-sm text-muted">{t('contact.noFiles')}</p>}
      {query.hasNextPage && (
        <Button look="quiet" className="mt-2" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? t('app.loading') : t('contact.olderFiles')}
        </Button>
      )}
    </>
  );
}
