import { CornerDownRight, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { plainText } from '@/components/whatsapp-text';
import { choiceTitles, edgesOf, firstWords, inOrder, type FlowDocument } from './document';
import { kindLook } from './kinds';
import { outputName } from '@/i18n/output-name';

/** The same flow as a list: for readers, for keyboards, for narrow screens. */
export function Outline({ document, name }: { document: FlowDocument; name: string }) {
  const { t } = useTranslation();
  const names = new Map(document.nodes.map((node) => [node.id, node.name || kindLook(t, node.kind).name]));
  return (
    <ol aria-label={t('flows.outlineLabel', { name })} className="divide-y divide-line">
      {inOrder(document).map((node) => {
        const { name: kind, icon: Icon, color } = kindLook(t, node.kind);
        const titles = choiceTitles(node);
        const words = firstWords(node);
        const edges = edgesOf(node);
        return (
          <li key={node.id} id={`node-${node.id}`} className="flex scroll-mt-4 gap-3 px-4 py-3.5 target:animate-flash">
            <span className={`flex size-8 shrink-0 items-center justify-center rounded-lg ${color}`}>
              <Icon aria-hidden="true" className="size-4" />
            </span>
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-medium">{node.name || kind}</span>
                <span className="text-xs text-faint">{node.id === document.start ? `${kind} · ${t('flows.start')}` : kind}</span>
              </p>
              {words !== '' && (
                <p className="line-clamp-2 text-sm text-muted">
                  {plainText(words)}
                </p>
              )}
              {edges.length > 0 && (
                <ul className="mt-1.5 space-y-1">
                  {edges.map(({ output, target }) => {
                    const to = names.get(target);
                    return (
                      <li key={output} className="flex flex-wrap items-baseline gap-x-1.5 text-sm">
                        <CornerDownRight aria-hidden="true" className="size-3.5 shrink-0 self-center text-faint" />
                        <span className="text-muted">{outputName(t, output, titles)}</span>
                        {to === undefined ? (
                          <span className="inline-flex items-center gap-1 text-warn">
                            <TriangleAlert aria-hidden="true" className="size-3.5" />
                            {t('flows.noTarget')}
                          </span>
                        ) : (
                          <a href={`#node-${target}`} className="font-medium wrap-anywhere text-accent-strong underline-offset-4 hover:underline">
                            {t('flows.leadsTo', { node: to })}
                          </a>
                        )}
                      </li>
                    );
                  })}
                </ul>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
