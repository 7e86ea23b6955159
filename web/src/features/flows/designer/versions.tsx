import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Columns2, RotateCcw, Undo2 } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { flowKeys, flowVersionQuery, flowVersionsQuery } from '@/api/queries/flows';
import { useMe } from '@/api/queries/sign-in';
import type { Flow } from '@/api/types';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { CheckField } from '@/components/check-field';
import { Dialog, FormDialog } from '@/components/dialog';
import { Select } from '@/components/select';
import { toast } from '@/components/toast';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { kindLook } from '../kinds';
import { republishVersion } from './calls';
import { ChangesList } from './changes-list';
import { changesBetween } from './document/changes';
import { readDoc, type Doc, type DocNode } from './document/document';
import { sidesOf, type Side } from './document/sides';
import { useDoc } from './editor';
import { CONTROL } from './panel/setting';
import { titleOf } from './summary';
import { useSay } from './words';

/** What a version is compared with: the draft, or another version. */
type Other = 'draft' | number;

/** The published versions: what they changed, one of them back as the draft, or published again. */
export function VersionsDialog({ flow, onClose, onRestore }: { flow: Flow; onClose: () => void; onRestore: (number: number, doc: Doc) => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const dates = useDates();
  const now = useNow(60_000);
  const versions = useQuery(flowVersionsQuery(flow.id));
  const [chosen, setChosen] = useState<number>();
  const [again, setAgain] = useState<number>();
  const [side, setSide] = useState<{ number: number; other: Other }>();
  return (
    <>
      <Dialog open onOpenChange={(open) => !open && onClose()} title={t('flows.versions')} lead={say('versions.lead')} side="right">
        <div className="px-5 pb-6">
          {versions.isPending ? (
            <LoadingRows rows={3} />
          ) : versions.isError ? (
            <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />
          ) : versions.data.length === 0 ? (
            <p className="text-sm text-muted">{say('versions.none')}</p>
          ) : (
            <ul className="divide-y divide-line">
              {versions.data.map((each) => (
                <li key={each.id} className="py-2.5">
                  <button type="button" aria-expanded={chosen === each.number} onClick={() => setChosen(chosen === each.number ? undefined : each.number)} className="w-full rounded-lg text-left">
                    <span className="flex flex-wrap items-center gap-2">
                      <span className="font-medium">{t('flows.versionOf', { number: each.number })}</span>
                      {each.number === flow.published?.number && <Badge tone="good">{say('versions.current')}</Badge>}
                      {each.active_runs > 0 && <Badge tone="info">{t('flows.activeRuns', { count: each.active_runs })}</Badge>}
                    </span>
                    <span className="block text-xs text-muted">
                      {dates.short(each.created_at, now)}
                      {each.published_by ? ` · ${each.published_by.name}` : ''}
                    </span>
                    {each.note !== '' && <span className="block text-sm">{each.note}</span>}
                    {each.move && <span className="block text-xs text-muted">{say(each.move.running ? 'versions.moving' : 'versions.moved', { count: each.move.moved, kept: each.move.kept })}</span>}
                  </button>
                  {chosen === each.number && (
                    <OneVersion
                      flow={flow}
                      number={each.number}
                      numbers={versions.data.map(({ number }) => number)}
                      onRestore={onRestore}
                      onAgain={() => setAgain(each.number)}
                      onSide={(other) => setSide({ number: each.number, other })}
                    />
                  )}
                </li>
              ))}
            </ul>
          )}
        </div>
      </Dialog>
      {side && <SideBySide flow={flow} {...side} onClose={() => setSide(undefined)} />}
      {again !== undefined && (
        <AgainDialog
          flow={flow}
          number={again}
          running={(versions.data ?? []).reduce((sum, { active_runs: count }) => sum + count, 0)}
          onClose={() => setAgain(undefined)}
        />
      )}
    </>
  );
}

/** The two documents of a comparison; undefined while they are read. */
function useBoth(flow: Flow, number: number, other: Other) {
  const draft = useDoc();
  const one = useQuery(flowVersionQuery(flow.id, number));
  const two = useQuery({ ...flowVersionQuery(flow.id, other === 'draft' ? 0 : other), enabled: other !== 'draft' });
  const before = useMemo(() => readDoc(one.data?.graph), [one.data]);
  const second = useMemo(() => readDoc(two.data?.graph), [two.data]);
  return { before, after: other === 'draft' ? draft : second, error: one.error ?? two.error };
}

function OneVersion({
  flow,
  number,
  numbers,
  onRestore,
  onAgain,
  onSide,
}: {
  flow: Flow;
  number: number;
  numbers: readonly number[];
  onRestore: (number: number, doc: Doc) => void;
  onAgain: () => void;
  onSide: (other: Other) => void;
}) {
  const { t } = useTranslation();
  const say = useSay();
  const may = useMe().permissions;
  const [other, setOther] = useState<Other>('draft');
  const { before, after, error } = useBoth(flow, number, other);
  if (error) return <ErrorState error={error} />;
  if (!before || !after) return <LoadingRows rows={1} />;
  return (
    <div className="mt-2 space-y-3 rounded-xl bg-sunken p-3">
      <div className="flex flex-wrap items-center gap-2 text-xs font-medium text-muted">
        <span>{say('versions.until')}</span>
        <Select
          label={say('versions.compareWith')}
          value={String(other)}
          options={[
            { value: 'draft', words: say('versions.draft') },
            ...numbers.filter((each) => each !== number).map((each) => ({ value: String(each), words: t('flows.versionOf', { number: each }) })),
          ]}
          onChange={(value) => setOther(value === 'draft' ? 'draft' : Number(value))}
        />
      </div>
      <ChangesList changes={changesBetween(before, after)} />
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => onSide(other)}>
          <Columns2 aria-hidden="true" className="size-4" />
          {say('versions.side')}
        </Button>
        {may.includes('flows:write') && (
          <Button onClick={() => onRestore(number, before)}>
            <RotateCcw aria-hidden="true" className="size-4" />
            {say('versions.restore')}
          </Button>
        )}
        {may.includes('flows:publish') && number !== flow.published?.number && (
          <Button look="primary" onClick={onAgain}>
            <Undo2 aria-hidden="true" className="size-4" />
            {say('versions.again')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Publishes an earlier version again, as a new one. The draft stays as it is. */
function AgainDialog({ flow, number, running, onClose }: { flow: Flow; number: number; running: number; onClose: () => void }) {
  const say = useSay();
  const client = useQueryClient();
  const note = useId();
  const [move, setMove] = useState(false);
  const [words, setWords] = useState(() => say('versions.againNote', { number }));
  const publish = useMutation({
    mutationFn: () => republishVersion(flow.id, number, words.trim(), move),
    onSuccess: async (version) => {
      await client.invalidateQueries({ queryKey: flowKeys.all });
      toast({ words: say('versions.againDone', { number: version.number, old: number }) });
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={say('versions.againTitle', { number })}
      lead={say('versions.againLead')}
      names={[]}
      error={publish.error}
      pending={publish.isPending}
      submit={say('versions.againGo')}
      onSubmit={() => publish.mutate()}
    >
      <div>
        <label htmlFor={note} className="text-sm font-medium">
          {say('publish.note')}
        </label>
        <textarea id={note} rows={2} maxLength={500} value={words} onChange={(event) => setWords(event.target.value)} className={`mt-1 py-1.5 ${CONTROL}`} />
      </div>
      {running > 0 && <MoveField checked={move} onChange={setMove} />}
    </FormDialog>
  );
}

/** Whether conversations under way go on in the version that is published. */
export function MoveField({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }) {
  const say = useSay();
  return <CheckField label={say('publish.move')} hint={say('publish.moveHint')} checked={checked} onChecked={onChange} />;
}

const TONES = { added: 'bg-good-soft text-good', removed: 'bg-bad-soft text-bad', changed: 'bg-info-soft text-info', same: 'text-muted' } as const;

function SideBySide({ flow, number, other, onClose }: { flow: Flow; number: number; other: Other; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const [all, setAll] = useState(false);
  const { before, after, error } = useBoth(flow, number, other);
  const sides = useMemo(() => (before && after ? sidesOf(before, after) : []), [before, after]);
  const rows = all ? sides : sides.filter(({ kind }) => kind !== 'same');
  const names = [t('flows.versionOf', { number }), other === 'draft' ? say('versions.draft') : t('flows.versionOf', { number: other })] as const;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={say('versions.sideTitle', { one: names[0], two: names[1] })} width="wide">
      {error ? (
        <ErrorState error={error} />
      ) : !before || !after ? (
        <LoadingRows rows={3} />
      ) : (
        <div className="space-y-3">
          <CheckField label={say('versions.sideAll')} checked={all} onChecked={setAll} />
          {rows.length === 0 ? (
            <p className="text-sm text-muted">{say('changes.none')}</p>
          ) : (
            <div className="overflow-x-auto">
              <table className="w-full table-fixed border-separate border-spacing-x-2 border-spacing-y-1 text-sm">
                <thead>
                  <tr>
                    {names.map((name) => (
                      <th key={name} scope="col" className="text-left font-semibold">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.id} className="align-top">
                      <Cell node={row.before} row={row} which="before" />
                      <Cell node={row.after} row={row} which="after" />
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </div>
      )}
    </Dialog>
  );
}

function Cell({ node, row, which }: { node: DocNode | undefined; row: Side; which: 'before' | 'after' }) {
  const { t } = useTranslation();
  const say = useSay();
  if (!node) return <td className="rounded-lg border border-dashed border-line p-2 text-xs text-faint">{say('versions.sideNone')}</td>;
  const look = kindLook(t, node.kind);
  const Icon = look.icon;
  return (
    <td className={`rounded-lg border border-line p-2 ${row.kind === 'same' ? '' : 'bg-surface'}`}>
      <span className="flex items-center gap-1.5">
        <Icon aria-hidden="true" className="size-4 shrink-0" />
        <span className="min-w-0 flex-1 truncate font-medium">{titleOf(node, look.name)}</span>
        <span className={`shrink-0 rounded px-1.5 py-0.5 text-xs ${TONES[row.kind]}`}>{say(`versions.kinds.${row.kind}`)}</span>
      </span>
      {row.lines.length > 0 && (
        <dl className="mt-1.5 space-y-1">
          {row.lines.map((line) => (
            <div key={line.path} className="min-w-0">
              <dt className="truncate font-mono text-xs text-faint">{line.path}</dt>
              <dd className="text-xs break-words whitespace-pre-wrap">{line[which] ?? say('versions.sideNothing')}</dd>
            </div>
          ))}
        </dl>
      )}
    </td>
  );
}
