import { Minus, MoveRight, Pencil, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { kindLook } from '../kinds';
import type { Change } from './document/changes';
import { titleOf } from './summary';
import { useSay } from './words';

/** Differences between two documents, a line each. */
export function ChangesList({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation();
  const say = useSay();
  if (changes.length === 0) return <p className="text-sm text-muted">{say('changes.none')}</p>;
  return (
    <ul className="space-y-1.5">
      {changes.map((change) => {
        if (change.kind === 'flow') {
          return (
            <li key={`flow ${change.part}`} className="flex items-start gap-2 text-sm">
              <MoveRight aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-faint" />
              {say(`changes.flow.${change.part}`)}
            </li>
          );
        }
        const name = titleOf(change.node, kindLook(t, change.node.kind).name);
        const Icon = change.kind === 'added' ? Plus : change.kind === 'removed' ? Minus : Pencil;
        const tone = change.kind === 'added' ? 'text-good' : change.kind === 'removed' ? 'text-bad' : 'text-info';
        return (
          <li key={`${change.kind} ${change.node.id}`} className="flex items-start gap-2 text-sm">
            <Icon aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${tone}`} />
            <span className="min-w-0">
              {say(`changes.${change.kind}`, { name })}
              {change.kind === 'changed' && <span className="text-muted"> · {change.parts.map((part) => say(`changes.parts.${part}`)).join(', ')}</span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
