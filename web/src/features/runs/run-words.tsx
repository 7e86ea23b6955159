import { useTranslation } from 'react-i18next';
import type { FlowRun } from '@/api/types';
import { Badge, Dot, type Tone } from '@/components/badge';
import { flowTexts } from '@/i18n/pt-br.flows';

type Outcome = keyof typeof flowTexts.runs.outcomes;
type Reason = keyof typeof flowTexts.runs.reasons;

/** An outcome with words of its own; an end node may name any other. */
export function outcomeOf(outcome: string): Outcome | undefined {
  return Object.hasOwn(flowTexts.runs.outcomes, outcome) ? (outcome as Outcome) : undefined;
}

/** Why a run ended, where that says more than how it ended. */
export function reasonBesides(run: FlowRun): Reason | undefined {
  return run.end_reason === run.outcome ? undefined : reasonOf(run.end_reason);
}

/** A reason this version has words for. */
export function reasonOf(reason: string): Reason | undefined {
  return Object.hasOwn(flowTexts.runs.reasons, reason) ? (reason as Reason) : undefined;
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
