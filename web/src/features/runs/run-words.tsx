import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import type { EndReason, FlowRun } from '@/api/types';
import { Badge, Dot, type Tone } from '@/components/badge';

/** How a run ended: the word of its end node, else the engine's outcome in the reader's language. */
export function endOf(t: TFunction, run: FlowRun): string | undefined {
  return run.outcome_name ?? (run.outcome && t(`runs.outcomes.${run.outcome}`));
}

/** Why a run ended, where that says more than how it ended. */
export function reasonBesides(run: FlowRun): EndReason | undefined {
  return run.end_reason === run.outcome ? undefined : run.end_reason;
}

function toneOf(run: FlowRun): Tone {
  if (run.wait_kind === 'operator') return 'bad';
  if (run.status === 'waiting') return 'info';
  if (run.status === 'calling') return 'accent';
  return run.outcome === 'failed' || run.outcome === 'stuck' ? 'bad' : 'neutral';
}

/** Where a run stands, in a word. */
export function RunState({ run }: { run: FlowRun }) {
  const { t } = useTranslation();
  const tone = toneOf(run);
  return (
    <Badge tone={tone}>
      <Dot tone={tone} />
      {run.wait_kind === 'operator' ? t('runs.needsOperator') : t(`runs.status.${run.status}`)}
    </Badge>
  );
}
