import { BadgeCheck, Info, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useDates, useNow } from '@/i18n/format';
import { limitOf, noticesOf, type Notice } from './health';

// Meta's words for what happened, as far as they have words here. The lists are Meta's and grow.
const ACCOUNT = ['DISABLE', 'SCHEDULE_FOR_DISABLE', 'REINSTATE', 'ACCOUNT_DELETED', 'ACCOUNT_RESTRICTION', 'ACCOUNT_VIOLATION', 'PARTNER_REMOVED', 'PARTNER_APP_UNINSTALLED'] as const;
const QUALITY = ['DOWNGRADE', 'UPGRADE', 'FLAGGED', 'UNFLAGGED', 'THROUGHPUT_UPGRADE'] as const;
const SECURITY = ['PIN_CHANGED', 'PIN_RESET_REQUEST', 'PIN_RESET_SUCCESS'] as const;
const CHANGES = ['status', 'category', 'category_warning', 'quality', 'components', 'notice'] as const;

function known<T extends string>(list: readonly T[], word: string | undefined): T | undefined {
  return list.find((each) => each === word);
}

function numberWords(t: TFunction, words: Record<string, string>): string {
  const limit = limitOf(words.limit);
  const until = limit ? t(`connections.limits.${limit}`) : (words.limit ?? '');
  switch (words.change) {
    case 'quality': {
      const event = known(QUALITY, words.event);
      return event ? t(`connections.news.quality.${event}`, { limit: until }) : t('connections.news.number', { word: words.event ?? '' });
    }
    case 'limit':
      return t('connections.news.limit', { limit: until });
    case 'name':
      return words.decision === 'APPROVED' ? t('connections.news.nameApproved', { name: words.name ?? '' }) : t('connections.news.nameRefused', { name: words.name ?? '' });
    case 'security': {
      const event = known(SECURITY, words.event);
      return event ? t(`connections.news.security.${event}`) : t('connections.news.number', { word: words.event ?? '' });
    }
    default:
      return t('connections.news.number', { word: words.event ?? words.decision ?? words.change ?? '' });
  }
}

/** A notice in the reader's words. */
export function noticeWords(t: TFunction, { kind, words = {} }: Notice): string {
  switch (kind) {
    case 'account': {
      if (words.change === 'review') return t('connections.news.review', { word: words.state ?? '' });
      const event = known(ACCOUNT, words.event === 'DISABLED_UPDATE' ? words.state : words.event);
      return event ? t(`connections.news.account.${event}`) : t('connections.news.accountOther', { word: words.event ?? '' });
    }
    case 'number':
      return numberWords(t, words);
    case 'template': {
      const change = known(CHANGES, words.change) ?? 'notice';
      return t(`connections.news.template.${change}`, { name: words.name ?? '', value: words.value ?? '' });
    }
    case 'error':
      return t('connections.news.error', { code: words.code ?? '—' });
    case 'history':
      return words.code ? t('connections.news.historyRefused') : t('connections.news.history', { progress: words.progress ?? '0' });
    case 'elsewhere':
      return t('connections.news.elsewhere');
    case 'unread':
      return t('connections.news.unread', { field: words.field ?? '' });
  }
  return kind;
}

const ICONS: Record<Notice['level'], typeof Info> = { alert: OctagonAlert, warning: TriangleAlert, good: BadgeCheck, info: Info };
const TONES: Record<Notice['level'], string> = { alert: 'bg-bad-soft text-bad', warning: 'bg-warn-soft text-warn', good: 'bg-ink/5', info: 'bg-ink/5' };

function NoticeRow({ notice }: { notice: Notice }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const Icon = ICONS[notice.level];
  const words = notice.words ?? {};
  const until = words.until ? dates.full(words.until) : '';
  return (
    <li className={`flex gap-3 rounded-xl px-4 py-2.5 text-sm ${TONES[notice.level]}`}>
      <Icon aria-hidden="true" className="mt-0.5 size-5 shrink-0" />
      <div className="min-w-0">
        <p className="font-medium">
          <span className="sr-only">{t(`connections.news.levels.${notice.level}`)}: </span>
          {noticeWords(t, notice)}
        </p>
        {[words.reason, words.details, words.title].filter((word) => word && word !== 'NONE').map((word) => <p key={word}>{word}</p>)}
        <p className="tabular text-xs">
          {dates.short(notice.at, now)}
          {until && ` · ${t('connections.news.until', { when: until })}`}
        </p>
      </div>
    </li>
  );
}

/** What Meta said of the number, its account and its templates: what asks for something first, the rest on demand. */
export function Notices({ health }: { health: unknown }) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  const all = noticesOf(health, now);
  const grave = all.filter(({ level }) => level === 'alert' || level === 'warning');
  const rest = all.filter(({ level }) => level === 'good' || level === 'info');
  if (all.length === 0) return null;
  return (
    <section aria-label={t('connections.news.title')} className="mx-5 mt-3 space-y-2">
      {grave.length > 0 && (
        <ul className="space-y-2">
          {grave.map((notice, index) => (
            <NoticeRow key={index} notice={notice} />
          ))}
        </ul>
      )}
      {rest.length > 0 && (
        <details>
          <summary className="min-h-8 cursor-pointer text-sm text-muted">{t('connections.news.others', { count: rest.length })}</summary>
          <ul className="mt-1 space-y-2">
            {rest.map((notice, index) => (
              <NoticeRow key={index} notice={notice} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
