import { useQuery } from '@tanstack/react-query';
import { Plug, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { connectionsQuery } from '@/api/queries/connections';
import type { Connection } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Badge, Dot, type Tone } from '@/components/badge';
import { CopyButton } from '@/components/copy-button';
import { Fact, Facts } from '@/components/facts';
import { TemporalLink } from '@/components/temporal-link';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { phoneNumber, useDates, useNow } from '@/i18n/format';
import { explainFailure } from '@/i18n/meta-error';
import { limitOf, qualityOf, readHealth, type Quality } from './health';
import { Notices } from './notices';
import { Templates } from './templates';

const TONES: Record<Connection['state'], Tone> = { active: 'good', held: 'bad', paused: 'warn', removed: 'neutral' };
const QUALITY_TONES: Record<Quality, Tone> = { GREEN: 'good', YELLOW: 'warn', RED: 'bad', UNKNOWN: 'neutral' };
// The channels with words of their own.
const CHANNELS = ['whatsapp_cloud'] as const;

/** The account's connections: whether they send, why not, and what the provider thinks of them. */
export default function ConnectionsPage() {
  const { t } = useTranslation();
  const query = useQuery(connectionsQuery);
  return (
    <PageFrame title={t('connections.title')} lead={t('connections.lead')}>
      {query.isPending ? (
        <LoadingRows rows={3} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.length === 0 ? (
        <EmptyState icon={Plug} title={t('connections.empty')} hint={t('connections.emptyHint')} />
      ) : (
        <ul className="space-y-5">
          {query.data.map((connection) => (
            <li key={connection.id}>
              <ConnectionCard connection={connection} />
            </li>
          ))}
        </ul>
      )}
    </PageFrame>
  );
}

function ConnectionCard({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const health = readHealth(connection.health);
  const quality = qualityOf(health.quality);
  const limit = limitOf(health.limit);
  const channel = CHANNELS.find((each) => each === connection.channel);
  // What an admin set comes before what Meta allows.
  const pace = connection.rate_per_second || (health.per_second ?? 0);
  const tone = TONES[connection.state];
  const heading = `connection-${connection.id}`;
  return (
    <article aria-labelledby={heading} className="overflow-hidden rounded-2xl border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 pt-4">
        <h2 id={heading} className="text-lg font-semibold">
          {connection.name}
        </h2>
        <Badge tone={tone} title={t(`connections.stateHint.${connection.state}`)}>
          <Dot tone={tone} />
          {t(`connections.state.${connection.state}`)}
        </Badge>
        {connection.is_default && <Badge>{t('connections.default')}</Badge>}
        {connection.temporal_url && <TemporalLink href={connection.temporal_url} className="ml-auto text-sm" />}
      </header>
      <p className="px-5 text-sm text-muted">{t(`connections.stateHint.${connection.state}`)}</p>
      {connection.hold && <Hold connection={connection} hold={connection.hold} />}
      <Notices health={connection.health} />
      <Facts columns={4} className="px-5 py-5">
        <Fact name={t('connections.number')}>{connection.display_phone ? phoneNumber(connection.display_phone) : t('app.none')}</Fact>
        <Fact name={t('connections.channel')}>{channel ? t(`connections.channels.${channel}`) : connection.channel}</Fact>
        <Fact name={t('connections.verifiedName')}>
          {health.verified_name ?? t('app.none')}
          {health.name_status === 'REJECTED' && <span className="block text-xs text-bad">{t('connections.news.nameStatusRefused')}</span>}
        </Fact>
        <Fact name={t('connections.quality')}>
          {quality ? <Badge tone={QUALITY_TONES[quality]}>{t(`connections.qualities.${quality}`)}</Badge> : (health.quality ?? t('app.none'))}
        </Fact>
        <Fact name={t('connections.limit')}>{limit ? t(`connections.limits.${limit}`) : (health.limit ?? t('connections.limitUnknown'))}</Fact>
        <Fact name={t('connections.pace')}>
          {pace > 0 ? t('connections.perSecond', { count: pace }) : t('connections.paceDefault')}
        </Fact>
        <Fact name={t('connections.queue')}>
          {connection.queued > 0 ? t('connections.queued', { count: connection.queued }) : t('connections.queueEmpty')}
        </Fact>
        <Fact name={t('connections.phoneNumberId')}>{connection.phone_number_id ?? t('app.none')}</Fact>
        <Fact name={t('connections.wabaId')}>{connection.waba_id ?? t('app.none')}</Fact>
        <Fact name={t('connections.checkedAt')}>{connection.health_at ? dates.short(connection.health_at, now) : t('connections.notChecked')}</Fact>
      </Facts>
      <div className="border-t border-line px-5 py-4">
        <p className="text-xs text-muted">{t('connections.webhook')}</p>
        <p className="flex items-center gap-2">
          <code className="min-w-0 font-mono text-sm break-all">{connection.webhook_url}</code>
          <CopyButton text={connection.webhook_url} label={t('connections.copyWebhook')} />
        </p>
        <p className="text-xs text-pretty text-muted">{t('connections.webhookHint')}</p>
      </div>
      <Templates connection={connection.id} />
    </article>
  );
}

function Hold({ connection, hold }: { connection: Connection; hold: NonNullable<Connection['hold']> }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const words = explainFailure(t, hold.code);
  return (
    <div className="mx-5 mt-3 flex gap-3 rounded-xl bg-bad-soft px-4 py-3 text-sm text-bad">
      <TriangleAlert aria-hidden="true" className="mt-0.5 size-5 shrink-0" />
      <div className="space-y-0.5">
        <p className="font-semibold">{hold.code === undefined ? hold.reason : words.what}</p>
        {hold.code !== undefined && <p>{words.todo}</p>}
        <p className="tabular text-xs">
          {[
            hold.code === undefined ? '' : t('status.code', { code: hold.code }),
            hold.since ? t('connections.heldSince', { when: t('app.since', { when: dates.short(hold.since, now) }) }) : '',
            hold.probe_at ? t('connections.nextProbe', { when: dates.short(hold.probe_at, now) }) : '',
            connection.queued > 0 ? t('connections.queued', { count: connection.queued }) : '',
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
    </div>
  );
}
