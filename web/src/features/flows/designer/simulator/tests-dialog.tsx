import { useMutation, useQuery } from '@tanstack/react-query';
import { Check, Play, RefreshCw, Trash2, X } from 'lucide-react';
import { useId, useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { CheckField } from '@/components/check-field';
import { Dialog, FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { toast } from '@/components/toast';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { keepTest, testsQuery } from '../calls';
import { addTest, pinnedAs, removeTest, replaceTest, setTestsBlock, stepsOf, testsBlock, testsOf, worldOf, type SavedTest } from '../document/tests';
import { useDoc, useEditor } from '../editor';
import { useSay } from '../words';
import type { Trial } from './trial';

/** Keeps the conversation of the simulator as a test of the flow. */
export function KeepTestDialog({ flow, trial, onClose }: { flow: number; trial: Trial; onClose: () => void }) {
  const say = useSay();
  const editor = useEditor();
  const [name, setName] = useState('');
  const keep = useMutation({
    mutationFn: () => keepTest(flow, name.trim(), editor.doc, trial.world, trial.steps),
    onSuccess: ({ test }) => {
      editor.apply(addTest(editor.doc, test));
      toast({ words: say('tests.kept', { name: name.trim() }), undo: () => editor.undo() });
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={say('tests.keepTitle')}
      lead={say('tests.keepLead')}
      names={['name', 'document', 'world', 'steps']}
      error={keep.error}
      pending={keep.isPending}
      submit={say('tests.keepGo')}
      onSubmit={() => {
        if (name.trim() !== '') keep.mutate();
      }}
    >
      <TextField label={say('tests.name')} name="name" value={name} onValue={setName} maxLength={200} required placeholder={say('tests.namePlaceholder')} />
    </FormDialog>
  );
}

/** The saved tests of the draft: what became of each, and what can be done with it. */
export function TestsDialog({ flow, trial, onClose }: { flow: number; trial: Trial; onClose: () => void }) {
  const say = useSay();
  const editor = useEditor();
  const doc = useDoc();
  const tests = testsOf(doc);
  const accept = useMutation({
    mutationFn: async ({ index, test }: { index: number; test: SavedTest }) => ({ index, test, kept: await keepTest(flow, test.name ?? say('tests.nameless'), pinnedAs(editor.doc, test), worldOf(test), stepsOf(test)) }),
    onSuccess: ({ index, test, kept }) => editor.apply(replaceTest(editor.doc, index, { ...kept.test, ...(test.pins && { pins: test.pins }) })),
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={say('tests.title')} lead={say('tests.lead')} side="right">
      <div className="space-y-4 px-5 pb-6">
        {tests.length === 0 ? <p className="text-sm text-pretty text-muted">{say('tests.none')}</p> : <CheckField label={say('tests.block')} hint={say('tests.blockHint')} checked={testsBlock(doc)} onChecked={(on) => editor.apply(setTestsBlock(editor.doc, on))} />}
        {accept.isError && <ErrorState error={accept.error} />}
        {tests.length > 0 && (
          <TestResults
            flow={flow}
            actions={(index) => (
              <div className="mt-2 flex flex-wrap gap-1.5">
                <Button
                  className="!min-h-8 !px-2.5 !text-xs"
                  onClick={() => {
                    const test = tests[index];
                    if (!test) return;
                    trial.restart(stepsOf(test), worldOf(test));
                    onClose();
                  }}
                >
                  <Play aria-hidden="true" className="size-3.5" />
                  {say('tests.open')}
                </Button>
                <Button className="!min-h-8 !px-2.5 !text-xs" disabled={accept.isPending} onClick={() => tests[index] && accept.mutate({ index, test: tests[index] })}>
                  <RefreshCw aria-hidden="true" className="size-3.5" />
                  {say('tests.accept')}
                </Button>
                <IconButton label={say('tests.remove', { name: tests[index]?.name ?? '' })} className="ml-auto" onClick={() => editor.apply(removeTest(editor.doc, index))}>
                  <Trash2 aria-hidden="true" className="size-4" />
                </IconButton>
              </div>
            )}
          />
        )}
      </div>
    </Dialog>
  );
}

/** What became of each saved test of the draft as it is drawn now. */
export function TestResults({ flow, actions, failedOnly = false }: { flow: number; actions?: (index: number) => React.ReactNode; failedOnly?: boolean }) {
  const say = useSay();
  const doc = useDoc();
  const id = useId();
  const query = useQuery(testsQuery(flow, doc));
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows rows={2} />;
  const { results } = query.data;
  const failed = results.filter(({ ok }) => !ok).length;
  return (
    <section aria-labelledby={id}>
      <p id={id} role="status" className={`mb-2 text-sm font-medium ${failed > 0 ? 'text-bad' : 'text-good'}`}>
        {failed > 0 ? say('tests.failed', { count: failed, all: results.length }) : say('tests.passed', { count: results.length })}
      </p>
      <ul className="space-y-2">
        {results
          .filter(({ ok }) => !failedOnly || !ok)
          .map((result) => (
            <li key={result.index} className="rounded-xl border border-line p-3 text-sm">
              <span className="flex items-start gap-2">
                {result.ok ? <Check aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-good" /> : <X aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-bad" />}
                <span className="min-w-0 font-medium">{result.name || say('tests.nameless')}</span>
                <span className={`ml-auto shrink-0 text-xs ${result.ok ? 'text-good' : 'text-bad'}`}>{say(result.ok ? 'tests.ok' : 'tests.differs')}</span>
              </span>
              {!result.ok && (
                <div className="mt-1.5 space-y-1 text-xs">
                  {(result.step ?? 0) > 0 && <p className="text-muted">{say('tests.step', { number: result.step ?? 0, does: result.does ?? '' })}</p>}
                  {result.diff !== undefined && (
                    <>
                      <p className="text-muted">{say('tests.legend')}</p>
                      <pre className="overflow-x-auto rounded-lg bg-sunken p-2 font-mono whitespace-pre-wrap">{result.diff}</pre>
                    </>
                  )}
                  {result.why !== undefined && <p className="font-mono text-bad">{result.why}</p>}
                </div>
              )}
              {actions?.(result.index)}
            </li>
          ))}
      </ul>
    </section>
  );
}
