import type { BroadcastFields } from '@/api/queries/broadcasts';
import type { Broadcast, BroadcastPart, BroadcastReply, BroadcastRow, Content } from '@/api/types';

/** How the audience is said. */
export type Source = 'labels' | 'list' | 'everybody' | 'after';

/** A broadcast while it is made: what the fields have, as they have it. */
export interface Plan {
  name: string;
  connection: number | undefined;
  source: Source;
  labels: number[];
  without: number[];
  after: number | undefined;
  part: BroadcastPart | '';
  rows: BroadcastRow[] | undefined;
  /** How many rows the stored list has. */
  listed: number;
  columns: string[];
  served: boolean;
  cap: string;
  template: number | undefined;
  content: Content | undefined;
  values: Record<string, string>;
  files: Record<string, number>;
  onReply: BroadcastReply;
  queue: number | undefined;
  flow: number | undefined;
  words: string;
  optOutText: string;
  startsAt: string;
  perMinute: string;
  quietFrom: string;
  quietTo: string;
  days: number[];
  canary: boolean;
  canarySize: string;
  canaryMinutes: string;
  canaryFailed: string;
  canaryOptOuts: string;
}

const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** What `datetime-local` shows for an instant, in the zone of the browser. */
function local(at: string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** A new plan, one after another broadcast, or that of a draft. */
export function planOf(broadcast: Broadcast | undefined, after: number | undefined): Plan {
  const { audience, canary, quiet, content } = broadcast ?? {};
  const listed = audience?.listed ?? 0;
  return {
    name: broadcast?.name ?? '',
    connection: broadcast?.connection.id,
    source: listed > 0 ? 'list' : audience?.everybody ? 'everybody' : (audience?.after ?? after) !== undefined ? 'after' : 'labels',
    labels: audience?.labels ?? [],
    without: audience?.without ?? [],
    after: audience?.after ?? after,
    part: audience?.part ?? (after === undefined ? '' : 'silent'),
    rows: undefined,
    listed,
    columns: [],
    served: audience?.served ?? false,
    cap: audience?.cap_hours ? String(audience.cap_hours) : '',
    template: undefined,
    content,
    values: {},
    files: {},
    onReply: broadcast?.on_reply ?? 'rules',
    queue: broadcast?.queue?.id,
    flow: broadcast?.flow?.id,
    words: (broadcast?.opt_out.words ?? ['Sair', 'Parar', 'Stop', 'Parar promoções']).join(', '),
    optOutText: broadcast?.opt_out.text ?? '',
    startsAt: broadcast?.starts_at ? local(broadcast.starts_at) : '',
    perMinute: String(broadcast?.per_minute ?? 600),
    quietFrom: quiet && quiet.from !== quiet.to ? clock(quiet.from) : '',
    quietTo: quiet && quiet.from !== quiet.to ? clock(quiet.to) : '',
    days: quiet?.days ?? [],
    canary: (canary?.size ?? 0) > 0,
    canarySize: String(canary?.size || 200),
    canaryMinutes: String(canary?.size ? canary.minutes : 30),
    canaryFailed: String(canary?.size ? canary.most_failed : 10),
    canaryOptOuts: String(canary?.size ? canary.most_opt_outs : 3),
  };
}

/** Whether there is enough to say who would get it. */
export function ready(plan: Plan, connection: number | undefined): boolean {
  if (connection === undefined || plan.content === undefined) return false;
  if (plan.onReply === 'queue' && plan.queue === undefined) return false;
  if (plan.onReply === 'flow' && plan.flow === undefined) return false;
  switch (plan.source) {
    case 'labels':
      return plan.labels.length > 0;
    case 'list':
      return (plan.rows?.length ?? plan.listed) > 0;
    case 'after':
      return plan.after !== undefined;
    case 'everybody':
      return true;
  }
}

/** What the API is asked to store. */
export function fieldsOf(plan: Plan, zone: string): BroadcastFields {
  const words = plan.words
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
  const shared = { ...(plan.served && { served: true }), ...(Number(plan.cap) > 0 && { cap_hours: Number(plan.cap) }) };
  const audience =
    plan.source === 'labels'
      ? { labels: plan.labels, without: plan.without }
      : plan.source === 'after'
        ? { after: plan.after ?? 0, ...(plan.part && { part: plan.part }) }
        : plan.source === 'everybody'
          ? { everybody: true, without: plan.without }
          : {};
  const quiet = plan.quietFrom !== '' && plan.quietTo !== '';
  return {
    ...(plan.name.trim() && { name: plan.name.trim() }),
    ...(plan.connection !== undefined && { connection_id: plan.connection }),
    ...(plan.content?.template && { template: plan.content.template }),
    audience: { ...audience, ...shared },
    ...(plan.source === 'list' && plan.rows && { list: plan.rows }),
    on_reply: plan.onReply,
    ...(plan.onReply === 'queue' && plan.queue !== undefined && { queue_id: plan.queue }),
    ...(plan.onReply === 'flow' && plan.flow !== undefined && { flow_id: plan.flow }),
    opt_out: { words, text: plan.optOutText.trim() },
    per_minute: Math.min(4800, Math.max(1, Number(plan.perMinute) || 600)),
    ...(plan.startsAt === '' ? { starts_now: true } : { starts_at: new Date(plan.startsAt).toISOString() }),
    ...(zone && { timezone: zone }),
    quiet: { from: quiet ? minutesOf(plan.quietFrom) : 0, to: quiet ? minutesOf(plan.quietTo) : 0, ...(plan.days.length > 0 && plan.days.length < 7 && { days: plan.days }) },
    canary: plan.canary
      ? { size: Number(plan.canarySize) || 1, minutes: Number(plan.canaryMinutes) || 0, most_failed: Number(plan.canaryFailed) || 0, most_opt_outs: Number(plan.canaryOptOuts) || 0 }
      : { size: 0, minutes: 0, most_failed: 0, most_opt_outs: 0 },
  };
}
