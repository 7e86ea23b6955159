import { CircleCheck, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Flow } from '@/api/types';
import { Badge } from '@/components/badge';
import { IconButton } from '@/components/button';
import { kindLook } from '../kinds';
import { nodeOf } from './document/document';
import { useDoc } from './editor';
import { titleOf } from './summary';
import { useLanguage, useSay } from './words';

const TONES = { error: 'bad', warning: 'warn', hint: 'neutral' } as const;

/** What the linter says, with a way to each place. */
export function ProblemsPanel({ problems, onGo, onClose }: { problems: Flow['problems']; onGo: (problem: Flow['problems'][number]) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const language = useLanguage();
  const doc = useDoc();
  return (
    <section aria-label={t('flows.problems')} className="flex max-h-72 flex-col border-t border-line bg-surface">
      <header className="flex items-center justify-between gap-2 py-1 pr-2 pl-4">
        <h2 className="text-sm font-semibold">{t('flows.problems')}</h2>
        <IconButton label={say('problems.close')} onClick={onClose}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      </header>
      {problems.length === 0 ? (
        <p className="flex items-center gap-2 px-4 pb-4 text-sm text-good">
          <CircleCheck aria-hidden="true" className="size-4" />
          {say('problems.none')}
        </p>
      ) : (
        <ul className="overflow-y-auto px-2 pb-2">
          {problems.map((problem) => {
            const node = problem.node === undefined ? undefined : nodeOf(doc, problem.node);
            return (
              <li key={`${problem.code} ${problem.pointer}`}>
                <button type="button" onClick={() => onGo(problem)} className="flex w-full items-start gap-2.5 rounded-lg px-2 py-1.5 text-left text-sm hover:bg-sunken">
                  <Badge tone={TONES[problem.severity]}>{t(`flows.severities.${problem.severity}`)}</Badge>
                  <span className="min-w-0">
                    <span className="font-medium">{node ? titleOf(node, kindLook(t, node.kind).name) : say('problems.flow')}</span>
                    <span className="text-muted"> · {problem.text[language] ?? problem.text['pt-BR'] ?? problem.code}</span>
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
