import type { BroadcastPart, BroadcastState } from '@/api/types';
import type { Tone } from '@/components/badge';
import type { BroadcastSearch } from './search';

/** The tone of each state. */
export const STATE_TONES: Record<BroadcastState, Tone> = {
  draft: 'neutral',
  scheduled: 'info',
  preparing: 'info',
  running: 'accent',
  paused: 'warn',
  done: 'good',
  cancelled: 'neutral',
};

/** The tone of each part. */
export const PART_TONES: Record<BroadcastPart, Tone> = {
  waiting: 'neutral',
  queued: 'info',
  sent: 'info',
  delivered: 'accent',
  read: 'good',
  failed: 'bad',
  replied: 'good',
  opted_out: 'warn',
  left_out: 'neutral',
  silent: 'neutral',
};

/** Parts as the address has them. */
export const PARTS: Record<NonNullable<BroadcastSearch['situacao']>, BroadcastPart> = {
  aguardando: 'waiting',
  'na-fila': 'queued',
  enviadas: 'sent',
  entregues: 'delivered',
  lidas: 'read',
  falharam: 'failed',
  responderam: 'replied',
  sairam: 'opted_out',
  'de-fora': 'left_out',
  'sem-resposta': 'silent',
};
