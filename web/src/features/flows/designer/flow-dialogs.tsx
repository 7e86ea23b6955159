import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FilePlus2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { flowKeys } from '@/api/queries/flows';
import type { FlowCategory, FlowSummary } from '@/api/types';
import { Confirm, FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { toast } from '@/components/toast';
import { createFlow, shelveFlow, updateFlow } from './calls';
import { EXAMPLES, emptyFlow, type ExampleId } from './gallery';
import { useSay } from './words';

const CATEGORIES: readonly FlowCategory[] = ['initial', 'closing', 'manual', 'scheduled'];
const isCategory = (value: unknown): value is FlowCategory => CATEGORIES.some((each) => each === value);

/** A new flow: its name, what it is for, and whether it begins empty or as an example. */
export function NewFlowDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [from, setFrom] = useState<ExampleId | 'empty'>('empty');
  const [name, setName] = useState('');
  const [category, setCategory] = useState<FlowCategory>('initial');
  const choose = (next: ExampleId | 'empty') => {
    setFrom(next);
    if (next === 'empty') return;
    if (name === '' || EXAMPLES.some(({ id }) => name === say(`examples.${id}.name`))) setName(say(`examples.${next}.name`));
    setCategory(next === 'satisfaction-survey' ? 'closing' : 'initial');
  };
  const create = useMutation({
    mutationFn: async () => {
      const wanted = name.trim();
      const example = EXAMPLES.find(({ id }) => id === from);
      const doc = example ? { ...(await example.load()), name: wanted } : emptyFlow(wanted, category);
      const kind = isCategory(doc.category) ? doc.category : category;
      return createFlow(wanted, kind, { ...doc, category: kind });
    },
    onSuccess: async (flow) => {
      await client.invalidateQueries({ queryKey: flowKeys.all });
      onClose();
      await navigate({ to: '/fluxos/$id/editar', params: { id: String(flow.id) }, search: {} });
    },
  });
  const card =
    'flex cursor-pointer gap-3 rounded-xl border border-line bg-surface p-3 text-left text-sm hover:border-line-strong has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent';
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={say('new.title')}
      lead={say('new.lead')}
      width="wide"
      names={['name', 'category', 'draft']}
      error={create.error}
      pending={create.isPending}
      submit={say('new.create')}
      onSubmit={() => {
        if (name.trim() !== '') create.mutate();
      }}
    >
      <TextField label={say('new.name')} name="name" value={name} onValue={setName} maxLength={100} required placeholder={say('new.namePlaceholder')} />
      <SelectField
        label={say('new.category')}
        name="category"
        hint={say(`new.categories.${category}`)}
        value={category}
        onValue={(value) => isCategory(value) && setCategory(value)}
        options={CATEGORIES.map((each) => ({ value: each, words: t(`flows.categories.${each}`) }))}
      />
      <fieldset>
        <legend className="mb-1.5 text-sm font-medium">{say('new.from')}</legend>
        <div className="grid gap-2 sm:grid-cols-2">
          <label className={card}>
            <input type="radio" name="from" checked={from === 'empty'} onChange={() => choose('empty')} className="sr-only" />
            <FilePlus2 aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-accent-strong" />
            <span>
              <span className="block font-medium">{say('new.empty')}</span>
              <span className="block text-xs text-pretty text-muted">{say('new.emptyHint')}</span>
            </span>
          </label>
          {EXAMPLES.map(({ id }) => (
            // Its words are two lines deep.
            // eslint-disable-next-line jsx-a11y/label-has-associated-control
            <label key={id} className={card}>
              <input type="radio" name="from" checked={from === id} onChange={() => choose(id)} className="sr-only" />
              <span>
                <span className="block font-medium">{say(`examples.${id}.name`)}</span>
                <span className="block text-xs text-pretty text-muted">{say(`examples.${id}.help`)}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    </FormDialog>
  );
}

/** Another name or category for a flow. */
export function RenameFlowDialog({ flow, onClose }: { flow: FlowSummary; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const client = useQueryClient();
  const [name, setName] = useState(flow.name);
  const [category, setCategory] = useState(flow.category);
  const save = useMutation({
    mutationFn: () => updateFlow(flow.id, { name: name.trim(), category }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: flowKeys.all });
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={say('list.rename')}
      names={['name', 'category']}
      error={save.error}
      pending={save.isPending}
      submit={say('list.save')}
      onSubmit={() => {
        if (name.trim() !== '') save.mutate();
      }}
    >
      <TextField label={say('new.name')} name="name" value={name} onValue={setName} maxLength={100} required />
      <SelectField
        label={say('new.category')}
        name="category"
        hint={say(`new.categories.${category}`)}
        value={category}
        onValue={(value) => isCategory(value) && setCategory(value)}
        options={CATEGORIES.map((each) => ({ value: each, words: t(`flows.categories.${each}`) }))}
      />
    </FormDialog>
  );
}

/** Puts a flow away: nothing new starts it, and what is under way goes on. */
export function ArchiveFlowDialog({ flow, onClose }: { flow: FlowSummary; onClose: () => void }) {
  const say = useSay();
  const client = useQueryClient();
  const archive = useMutation({
    mutationFn: () => shelveFlow(flow.id, true),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: flowKeys.all });
      toast({
        words: say('list.archived', { name: flow.name }),
        undo: () => void shelveFlow(flow.id, false).then(() => client.invalidateQueries({ queryKey: flowKeys.all })),
      });
      onClose();
    },
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={say('list.archiveTitle', { name: flow.name })}
      lead={flow.active_runs > 0 ? say('list.archiveRuns', { count: flow.active_runs }) : say('list.archiveLead')}
      yes={say('list.archive')}
      pending={archive.isPending}
      onYes={() => archive.mutate()}
    />
  );
}
