import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { flowKeys, flowVersionQuery, flowVersionsQuery } from '@/api/queries/flows';
import type { Flow } from '@/api/types';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { toast } from '@/components/toast';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { publishFlow, testsQuery } from './calls';
import { ChangesList } from './changes-list';
import { changesBetween } from './document/changes';
import { readDoc, type Doc } from './document/document';
import { testsBlock, testsOf } from './document/tests';
import { useDoc } from './editor';
import type { Keeper, Keeping } from './keeper';
import { CONTROL } from './panel/setting';
import { TestResults } from './simulator/tests-dialog';
import { MoveField } from './versions';
import { useSay } from './words';

/** What publishing changes, who goes on in which version, and what stops it. */
export function PublishDialog({ flow, keeper, problems, onClose, onProblems }: { flow: Flow; keeper: Keeper; problems: Flow['problems']; onClose: () => void; onProblems: () => void }) {
  const say = useSay();
  const client = useQueryClient();
  const doc = useDoc();
  const [note, setNote] = useState('');
  const [move, setMove] = useState(false);
  const number = flow.published?.number;
  const published = useQuery({ ...flowVersionQuery(flow.id, number ?? 0), enabled: number !== undefined });
  const versions = useQuery(flowVersionsQuery(flow.id));
  const before = useMemo(() => readDoc(published.data?.graph), [published.data]);
  const changes = useMemo(() => (before ? changesBetween(before, doc) : undefined), [before, doc]);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.filter(({ severity }) => severity === 'warning').length;
  const running = (versions.data ?? []).filter((version) => version.active_runs > 0);
  const tests = testsOf(doc).length > 0;
  const results = useQuery({ ...testsQuery(flow.id, doc), enabled: tests && errors === 0 });
  const stopped = results.data?.ok === false && testsBlock(doc);
  const publish = useMutation({
    mutationFn: async () => {
      if (!(await keeper.flush())) throw new Error('the draft is not saved');
      return publishFlow(flow.id, keeper.revision, note.trim(), move);
    },
    onSuccess: async (version) => {
      await client.invalidateQueries({ queryKey: flowKeys.all });
      toast({ words: say('publish.done', { number: version.number }) });
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={say('publish.title', { number: (number ?? 0) + 1 })} lead={say('publish.lead')} width="wide">
      <div className="space-y-5">
        {errors > 0 && (
          <div role="alert" className="rounded-xl bg-bad-soft px-4 py-3 text-sm text-bad">
            <p className="font-semibold">{say('publish.errors', { count: errors })}</p>
            <p>{say('publish.errorsHint')}</p>
            <Button className="mt-2" onClick={onProblems}>
              {say('publish.seeErrors')}
            </Button>
          </div>
        )}
        {errors === 0 && warnings > 0 && <p className="rounded-xl bg-warn-soft px-4 py-3 text-sm text-warn">{say('publish.warnings', { count: warnings })}</p>}
        <section>
          <h3 className="mb-2 text-sm font-semibold">{say('publish.changes')}</h3>
          {number === undefined ? (
            <p className="text-sm text-muted">{say('publish.first', { count: doc.nodes.length })}</p>
          ) : changes ? (
            <ChangesList changes={changes} />
          ) : published.isError ? (
            <ErrorState error={published.error} />
          ) : (
            <LoadingRows rows={2} />
          )}
        </section>
        {tests && errors === 0 && (
          <section>
            <h3 className="mb-1 text-sm font-semibold">{say('tests.title')}</h3>
            <TestResults flow={flow.id} failedOnly />
            {results.data?.ok === false && <p className="mt-2 text-sm text-pretty">{say(testsBlock(doc) ? 'tests.stops' : 'tests.warns')}</p>}
          </section>
        )}
        <section>
          <h3 className="mb-1 text-sm font-semibold">{say('publish.runs')}</h3>
          {running.length === 0 ? (
            <p className="text-sm text-muted">{say('publish.noRuns')}</p>
          ) : (
            <ul className="space-y-1 text-sm">
              {running.map((version) => (
                <li key={version.id}>{say('publish.runsOn', { count: version.active_runs, number: version.number })}</li>
              ))}
            </ul>
          )}
          {running.length > 0 && (
            <div className="mt-2">
              <MoveField checked={move} onChange={setMove} />
            </div>
          )}
        </section>
        <div>
          <label htmlFor="publish-note" className="text-sm font-medium">
            {say('publish.note')}
          </label>
          <textarea id="publish-note" rows={2} maxLength={500} value={note} placeholder={say('publish.notePlaceholder')} onChange={(event) => setNote(event.target.value)} className={`mt-1 py-1.5 ${CONTROL}`} />
        </div>
        {publish.isError && (
          <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
            {say('publish.failed')}
          </p>
        )}
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button look="primary" disabled={errors > 0 || stopped || publish.isPending} onClick={() => publish.mutate()}>
            {say('publish.go')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Two drafts of one flow: this one and another person's. A person says which one goes on. */
export function ConflictDialog({ keeping, stored, onMine, onTheirs }: { keeping: Extract<Keeping, { state: 'conflict' }>; stored: Doc; onMine: () => void; onTheirs: () => void }) {
  const say = useSay();
  const doc = useDoc();
  const mine = useMemo(() => changesBetween(stored, doc), [stored, doc]);
  const theirs = useMemo(() => changesBetween(stored, keeping.doc), [stored, keeping.doc]);
  const [open, setOpen] = useState(true);
  if (!open) {
    return (
      <div role="alert" className="flex flex-wrap items-center gap-3 border-b border-line bg-warn-soft px-4 py-2 text-sm text-warn">
        <span className="min-w-0 flex-1">{say('conflict.waiting')}</span>
        <Button onClick={() => setOpen(true)}>{say('conflict.compare')}</Button>
      </div>
    );
  }
  return (
    <Dialog open onOpenChange={setOpen} title={say('conflict.title')} lead={say('conflict.lead')} width="wide">
      <div className="grid gap-4 sm:grid-cols-2">
        <section aria-label={say('conflict.mine')} className="flex flex-col gap-3 rounded-xl border border-line p-4">
          <h3 className="font-semibold">{say('conflict.mine')}</h3>
          <p className="text-xs text-muted">{say('flow.blocks', { count: doc.nodes.length })}</p>
          <div className="max-h-60 flex-1 overflow-y-auto">
            <ChangesList changes={mine} />
          </div>
          <Button look="primary" onClick={onMine}>
            {say('conflict.keepMine')}
          </Button>
        </section>
        <section aria-label={say('conflict.theirs')} className="flex flex-col gap-3 rounded-xl border border-line p-4">
          <h3 className="font-semibold">{say('conflict.theirs')}</h3>
          <p className="text-xs text-muted">{say('flow.blocks', { count: keeping.doc.nodes.length })}</p>
          <div className="max-h-60 flex-1 overflow-y-auto">
            <ChangesList changes={theirs} />
          </div>
          <Button onClick={onTheirs}>{say('conflict.takeTheirs')}</Button>
        </section>
      </div>
      <p className="mt-4 text-xs text-pretty text-muted">{say('conflict.hint')}</p>
    </Dialog>
  );
}
