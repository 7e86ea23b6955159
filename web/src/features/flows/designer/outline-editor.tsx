import { ChevronRight, CornerDownRight, Plus, TriangleAlert, Zap } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { plainText } from '@/components/whatsapp-text';
import { outputName } from '@/i18n/output-name';
import { firstWords } from '../document';
import { kindLook } from '../kinds';
import { useDesk } from './desk';
import { nodeOf, type Doc, type DocNode } from './document/document';
import { defaultTarget, waysOf, type Way } from './document/outputs';
import { ENTRY } from './document/places';
import { useDoc } from './editor';
import { summaryOf, titleOf, triggerWords } from './summary';
import { useLanguage, useSay } from './words';

/** A node's place in the tree: a node that several outputs lead to stands at the first, and is named at the others. */
interface Branch {
  node: DocNode;
  ways: { way: Way; branch?: Branch; again?: DocNode }[];
}

/** The flow as a tree from its start, and what nothing leads to. */
export function treeOf(doc: Doc): { roots: Branch[]; loose: Branch[] } {
  const seen = new Set<string>();
  const grow = (id: string | undefined): Branch | undefined => {
    const node = id === undefined ? undefined : nodeOf(doc, id);
    if (!node || seen.has(node.id)) return undefined;
    seen.add(node.id);
    const branch: Branch = { node, ways: [] };
    // A node is told where it is reached first in breadth: its ways are filled in before anything deeper grows.
    branch.ways = waysOf(node)
      .filter((way) => !way.quiet || way.target !== undefined)
      .map((way) => ({ way }));
    return branch;
  };
  const plant = (id: string | undefined): Branch | undefined => {
    const root = grow(id);
    if (!root) return undefined;
    const queue = [root];
    for (let place = 0; place < queue.length; place += 1) {
      for (const each of queue[place]!.ways) {
        const branch = grow(each.way.target);
        if (branch) {
          each.branch = branch;
          queue.push(branch);
        } else {
          const target = each.way.target === undefined ? undefined : nodeOf(doc, each.way.target);
          if (target) each.again = target;
        }
      }
    }
    return root;
  };
  const roots = [doc.start, ...(doc.triggers ?? []).flatMap(({ node }) => node ?? [])].flatMap((id) => plant(id) ?? []);
  const loose = doc.nodes.flatMap(({ id }) => plant(id) ?? []);
  return { roots, loose };
}

/** The same flow as a tree by outputs: for phones, for readers, and for people who write rather than draw. */
export function OutlineEditor({ name, chosen, onOpen }: { name: string; chosen: string | undefined; onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const desk = useDesk();
  const doc = useDoc();
  const { roots, loose } = treeOf(doc);
  const started = nodeOf(doc, doc.start) !== undefined;
  return (
    <div className="h-full overflow-y-auto p-3 sm:p-6">
      <div className="mx-auto max-w-3xl space-y-4 pb-24">
        <button
          type="button"
          aria-pressed={chosen === ENTRY}
          onClick={() => onOpen(ENTRY)}
          className="flex w-full items-start gap-3 rounded-2xl border-2 border-accent/40 bg-accent-soft p-3 text-left aria-pressed:border-accent"
        >
          <Zap aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-accent-strong" />
          <span>
            <span className="block text-sm font-semibold text-accent-strong">{say('entry.title')}</span>
            <span className="block text-sm">{(doc.triggers ?? []).map((trigger) => triggerWords(say, trigger)).join(' · ') || say('entry.none')}</span>
          </span>
        </button>
        {!started && <AddHere words={say('outline.addFirst')} onClick={() => desk.openPalette(undefined)} />}
        <ul aria-label={t('flows.outlineLabel', { name })} className="space-y-2">
          {roots.map((branch) => (
            <Row key={branch.node.id} branch={branch} depth={0} chosen={chosen} onOpen={onOpen} />
          ))}
        </ul>
        {loose.length > 0 && (
          <section aria-labelledby="loose-title" className="space-y-2">
            <h2 id="loose-title" className="flex items-center gap-2 pt-2 text-sm font-semibold text-warn">
              <TriangleAlert aria-hidden="true" className="size-4" />
              {say('outline.loose')}
            </h2>
            <ul className="space-y-2">
              {loose.map((branch) => (
                <Row key={branch.node.id} branch={branch} depth={0} chosen={chosen} onOpen={onOpen} />
              ))}
            </ul>
          </section>
        )}
      </div>
    </div>
  );
}

function AddHere({ words, onClick }: { words: string; onClick: () => void }) {
  return (
    <button type="button" onClick={onClick} className="inline-flex min-h-9 items-center gap-1.5 rounded-lg border border-dashed border-line-strong px-3 text-sm font-medium text-accent-strong hover:bg-accent-soft">
      <Plus aria-hidden="true" className="size-4" />
      {words}
    </button>
  );
}

function Row({ branch: { node, ways }, depth, chosen, onOpen }: { branch: Branch; depth: number; chosen: string | undefined; onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const language = useLanguage();
  const desk = useDesk();
  const doc = useDoc();
  const [folded, setFolded] = useState(false);
  const { name: kind, icon: Icon, color } = kindLook(t, node.kind);
  const words = plainText(firstWords(node)) || summaryOf(node, language, say, desk.names).join(' · ');
  const problems = desk.problemsOf(node.id);
  const title = titleOf(node, kind);
  return (
    <li>
      <div className={`flex items-center gap-1 rounded-xl border bg-surface ${chosen === node.id ? 'border-accent ring-2 ring-accent/40' : 'border-line'}`}>
        {ways.length > 0 ? (
          <button type="button" aria-expanded={!folded} aria-label={say('outline.fold', { name: title })} onClick={() => setFolded(!folded)} className="flex size-9 shrink-0 items-center justify-center rounded-lg text-faint hover:text-ink">
            <ChevronRight aria-hidden="true" className={`size-4 transition-transform ${folded ? '' : 'rotate-90'}`} />
          </button>
        ) : (
          <span className="w-3 shrink-0" />
        )}
        <button type="button" data-node={node.id} onClick={() => onOpen(node.id)} className="flex min-h-14 min-w-0 flex-1 items-center gap-3 rounded-xl py-2 pr-3 text-left">
          <span className={`flex size-8 shrink-0 items-center justify-center rounded-lg ${color}`}>
            <Icon aria-hidden="true" className="size-4" />
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm font-medium">{title}</span>
            <span className="block truncate text-xs text-muted">{words === '' ? kind : words}</span>
          </span>
          {problems.length > 0 && (
            <TriangleAlert
              role="img"
              aria-label={say(problems.some(({ severity }) => severity === 'error') ? 'face.hasErrors' : 'face.hasWarnings', { count: problems.length })}
              className={`size-4 shrink-0 ${problems.some(({ severity }) => severity === 'error') ? 'text-bad' : 'text-warn'}`}
            />
          )}
        </button>
      </div>
      {!folded && ways.length > 0 && (
        <ul className={`mt-2 space-y-2 ${depth < 6 ? 'ml-3 border-l border-line pl-3 sm:ml-4 sm:pl-4' : ''}`}>
          {ways.map(({ way, branch, again }) => {
            const output = way.label === undefined || way.label.trim() === '' ? outputName(t, way.name) : way.label;
            const usual = way.target === undefined ? defaultTarget(doc, way.name) : undefined;
            const usualNode = usual === undefined ? undefined : nodeOf(doc, usual);
            return (
              <li key={way.name} className="space-y-2">
                <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs">
                  <CornerDownRight aria-hidden="true" className="size-3.5 shrink-0 text-faint" />
                  <span className="font-medium">{output}</span>
                  {again && (
                    <button type="button" onClick={() => onOpen(again.id)} className="min-h-7 font-medium text-accent-strong underline-offset-2 hover:underline">
                      {t('flows.leadsTo', { node: titleOf(again, kindLook(t, again.kind).name) })}
                    </button>
                  )}
                  {way.target === undefined && (
                    <>
                      <span className="text-muted">{usualNode ? say('panel.usualTarget', { name: titleOf(usualNode, kindLook(t, usualNode.kind).name) }) : t('flows.noTarget')}</span>
                      <button
                        type="button"
                        aria-label={say('outline.addAfter', { name: title, output })}
                        onClick={() => desk.openPalette({ node: node.id, output: way.name })}
                        className="inline-flex min-h-7 items-center gap-1 rounded-full px-2 font-medium text-accent-strong hover:bg-accent-soft"
                      >
                        <Plus aria-hidden="true" className="size-3.5" />
                        {say('outline.add')}
                      </button>
                    </>
                  )}
                </p>
                {branch && (
                  <ul>
                    <Row branch={branch} depth={depth + 1} chosen={chosen} onOpen={onOpen} />
                  </ul>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </li>
  );
}
