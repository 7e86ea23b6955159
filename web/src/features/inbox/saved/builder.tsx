import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ListFilter, Plus, Trash2 } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { previewQuery, saveView, savedViewKeys } from '@/api/queries/views';
import { conversationKeys } from '@/api/queries/conversations';
import { queuesQuery } from '@/api/queries/queues';
import { useMe } from '@/api/queries/sign-in';
import type { Filter, SavedView, Sharing } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { MultiCombobox, type Option } from '@/components/combobox';
import { FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { Select } from '@/components/select';
import { SelectField } from '@/components/select-field';
import { toast } from '@/components/toast';
import '@/i18n/rest';
import { contactLabel } from '../conversation-row';
import { ConditionRow } from './condition-row';
import { changed, count, filterOf, isGroup, MAX_CONDITIONS, MAX_DEPTH, newCondition, newGroup, rows, treeOf, type Group, type Mode, type Part } from './filter-tree';

/** What is built: a view that is there, or a new one that begins with a name and a filter. */
export interface Draft {
  view?: SavedView;
  name: string;
  filter: Filter;
}

/** How long the builder waits for the next change before it counts. */
const COUNT_AFTER_MS = 300;

/** Builds a view: rows of conditions in groups, how many conversations it has now, its name and who sees it. */
export function Builder({ draft, onClose, onSaved }: { draft: Draft; onClose: () => void; onSaved: (view: SavedView) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayShare = useMe().permissions.includes('settings:manage');
  const [tree, setTree] = useState(() => treeOf(draft.filter));
  const [name, setName] = useState(draft.name);
  const [sharing, setSharing] = useState<Sharing>(draft.view?.sharing ?? 'private');
  const queues = useQuery({ ...queuesQuery, enabled: mayShare });
  const [queueIds, setQueueIds] = useState<readonly number[]>(() => (draft.view?.queues ?? []).map(({ id }) => id));
  const options = (queues.data ?? []).map(({ id, name: words, color }): Option => ({ value: String(id), words, color }));
  const save = useMutation({
    mutationFn: () => saveView(draft.view?.id, { name, filter: filterOf(tree), sharing, ...(sharing === 'queues' && { queue_ids: [...queueIds] }) }),
    onSuccess: (view) => {
      for (const key of [savedViewKeys.all, conversationKeys.lists, conversationKeys.counts]) void client.invalidateQueries({ queryKey: key });
      toast({ words: t('saved.saved') });
      onSaved(view);
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      width="wide"
      title={draft.view ? t('saved.editTitle') : t('saved.newTitle')}
      lead={t('saved.lead')}
      names={['name', 'filter', 'sharing', 'queue_ids']}
      error={save.error}
      pending={save.isPending}
      submit={t('saved.save')}
      onSubmit={() => save.mutate()}
    >
      <TextField label={t('saved.name')} name="name" required maxLength={80} value={name} onValue={setName} />
      <GroupBox group={tree} depth={1} room={rows(tree) < MAX_CONDITIONS} onChange={setTree} />
      <Preview filter={filterOf(tree)} complete={count(tree)} />
      {mayShare && (
        <SelectField
          label={t('saved.sharing')}
          name="sharing"
          value={sharing}
          onValue={(value) => setSharing(value as Sharing)}
          options={(['private', 'account', 'queues'] as const).map((value) => ({ value, words: t(`saved.sharings.${value}`) }))}
        />
      )}
      {mayShare && sharing === 'queues' && (
        <MultiCombobox
          label={t('saved.queues')}
          placeholder={t('saved.choose')}
          options={options}
          value={options.filter(({ value }) => queueIds.includes(Number(value)))}
          onChange={(next) => setQueueIds(next.map(({ value }) => Number(value)))}
        />
      )}
    </FormDialog>
  );
}

/** A group: which of its parts have to hold, its rows, and groups in it. */
function GroupBox({ group, depth, room, onChange, onRemove }: { group: Group; depth: number; room: boolean; onChange: (to: Group) => void; onRemove?: () => void }) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const grown = useRef(false);
  // A row that was just added gets the focus: one goes on with the keyboard.
  useEffect(() => {
    if (grown.current) list.current?.lastElementChild?.querySelector<HTMLElement>('select, input')?.focus();
    grown.current = false;
  }, [group.parts.length]);
  const add = (part: Part) => {
    grown.current = true;
    onChange({ ...group, parts: [...group.parts, part] });
  };
  return (
    <fieldset className={depth === 1 ? '' : 'rounded-xl border border-line bg-surface p-2.5'}>
      <legend className="sr-only">{t('saved.group')}</legend>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 pb-2 text-sm text-muted">
        {depth === 1 && <span>{t('saved.mode')}</span>}
        <Select<Mode>
          label={t('saved.mode')}
          value={group.mode}
          options={(['all', 'any', 'none'] as const).map((value) => ({ value, words: t(`saved.modes.${value}`) }))}
          onChange={(mode) => onChange({ ...group, mode })}
        />
        <span className={depth === 1 ? '' : 'sr-only sm:not-sr-only'}>{t('saved.hold')}</span>
        {onRemove && (
          <IconButton label={t('saved.removeGroup')} onClick={onRemove} className="ml-auto">
            <Trash2 aria-hidden="true" className="size-4" />
          </IconButton>
        )}
      </div>
      <ul ref={list} className="space-y-2">
        {group.parts.map((part) =>
          isGroup(part) ? (
            <li key={part.id}>
              <GroupBox
                group={part}
                depth={depth + 1}
                room={room}
                onChange={(to) => onChange(changed(group, part.id, to))}
                onRemove={() => onChange(changed(group, part.id, undefined))}
              />
            </li>
          ) : (
            <ConditionRow
              key={part.id}
              condition={part}
              onChange={(to) => onChange(changed(group, part.id, to))}
              onRemove={() => onChange(changed(group, part.id, undefined))}
            />
          ),
        )}
      </ul>
      <div className="flex gap-2 pt-2">
        <Button look="quiet" disabled={!room} onClick={() => add(newCondition())} className="px-2.5">
          <Plus aria-hidden="true" className="size-4" />
          {t('saved.addCondition')}
        </Button>
        {depth < MAX_DEPTH && (
          <Button look="quiet" disabled={!room} onClick={() => add(newGroup(group.mode === 'any' ? 'all' : 'any'))} className="px-2.5">
            <Plus aria-hidden="true" className="size-4" />
            {t('saved.addGroup')}
          </Button>
        )}
      </div>
    </fieldset>
  );
}

/** How many conversations the view has for its reader now, and the first of them. */
function Preview({ filter, complete }: { filter: Filter; complete: number }) {
  const { t } = useTranslation();
  const written = JSON.stringify(filter);
  const [asked, setAsked] = useState(written);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(written), COUNT_AFTER_MS);
    return () => clearTimeout(timer);
  }, [written]);
  const of = useMemo(() => JSON.parse(asked) as Filter, [asked]);
  const preview = useQuery({ ...previewQuery(of), placeholderData: (old) => old });
  const data = useDeferredValue(preview.data);
  const names = data?.first.map((each) => contactLabel(each, t('inbox.unknownContact'))).join(', ') ?? '';
  const words = preview.isError
    ? t('saved.countFailed')
    : !data
      ? t('saved.counting')
      : data.total === 0
        ? t('saved.matchesNone')
        : t('saved.matches', { count: data.total });
  return (
    <div role="status" className="flex items-start gap-2.5 rounded-xl bg-accent-soft px-3 py-2.5 text-sm text-accent-strong">
      <ListFilter aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">
        <p className="font-semibold tabular">{words}</p>
        {complete === 0 ? (
          <p className="text-xs">{t('saved.everything')}</p>
        ) : (
          names !== '' && <p className="truncate text-xs">{data && data.total > data.first.length ? t('saved.first', { names }) : names}</p>
        )}
      </div>
    </div>
  );
}
