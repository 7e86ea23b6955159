import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { accountQuery } from '@/api/queries/account';
import { agentsQuery } from '@/api/queries/agents';
import { connectionsQuery } from '@/api/queries/connections';
import { flowsQuery } from '@/api/queries/flows';
import { labelsQuery } from '@/api/queries/labels';
import { queuesQuery } from '@/api/queries/queues';
import { reasonList } from '@/api/queries/settings';
import { templatesQuery } from '@/api/queries/templates';
import { Combobox, MultiCombobox, type Option } from '@/components/combobox';
import { kindLook } from '../../kinds';
import { useDoc } from '../editor';
import { titleOf } from '../summary';
import { useSay } from '../words';

/** Things of the account that a setting names. */
export type RefKind = 'queue' | 'agent' | 'label' | 'flow' | 'connection' | 'template' | 'contactField' | 'node' | 'reason';

const SYSTEM_FIELDS = ['name', 'email', 'phone', 'cpf', 'rg', 'birth_date', 'client_code', 'language'] as const;

/** What can be named, under the value that the document keeps: names of queues and labels, ids of people, flows and connections. */
export function useRefs(kind: RefKind): { options: Option[]; pending: boolean } {
  const { t } = useTranslation();
  const say = useSay();
  const doc = useDoc();
  const queues = useQuery({ ...queuesQuery, enabled: kind === 'queue' });
  const agents = useQuery({ ...agentsQuery, enabled: kind === 'agent' });
  const labels = useQuery({ ...labelsQuery, enabled: kind === 'label' });
  const flows = useQuery({ ...flowsQuery, enabled: kind === 'flow' });
  const connections = useQuery({ ...connectionsQuery, enabled: kind === 'connection' || kind === 'template' });
  const first = connections.data?.find(({ channel }) => channel === 'whatsapp_cloud')?.id ?? connections.data?.[0]?.id;
  const templates = useQuery({ ...templatesQuery(first ?? 0), enabled: kind === 'template' && first !== undefined });
  const reasons = useQuery({ ...reasonList(false), enabled: kind === 'reason' });
  const account = useQuery({ ...accountQuery, enabled: kind === 'contactField' });
  const options = useMemo((): Option[] => {
    switch (kind) {
      case 'queue':
        return (queues.data ?? []).map(({ name, color }) => ({ value: name, words: name, color }));
      case 'agent':
        return (agents.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }));
      case 'label':
        return (labels.data ?? []).map(({ name, color }) => ({ value: name, words: name, color }));
      case 'reason':
        return (reasons.data ?? []).map(({ name }) => ({ value: name, words: name }));
      case 'flow':
        return (flows.data ?? []).map(({ id, name, category }) => ({ value: String(id), words: name, hint: t(`flows.categories.${category}`) }));
      case 'connection':
        return (connections.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }));
      case 'template':
        return (templates.data ?? []).map(({ name, language, status }) => ({ value: `${name}\n${language}`, words: name, hint: `${language} · ${status === 'APPROVED' ? say('panel.approved') : status}` }));
      case 'contactField':
        return [
          ...SYSTEM_FIELDS.map((name) => ({ value: name, words: say(`contactFields.${name}`) })),
          ...(account.data?.custom_fields ?? []).filter(({ entity }) => entity === 'contact').map(({ key, name }) => ({ value: key, words: name, hint: key })),
        ];
      case 'node':
        return doc.nodes.map((node) => {
          const name = kindLook(t, node.kind).name;
          return { value: node.id, words: titleOf(node, name), hint: name };
        });
    }
  }, [kind, queues.data, agents.data, labels.data, flows.data, connections.data, templates.data, reasons.data, account.data, doc.nodes, t, say]);
  const pending = [queues, agents, labels, flows, connections, templates, reasons, account].some(({ isLoading }) => isLoading);
  return { options, pending };
}

/** What stands for a value that no list has: an older name, a variable, something that is gone. */
function standing(value: string, options: readonly Option[]): Option {
  return options.find((option) => option.value === value) ?? options.find((option) => option.words === value) ?? { value, words: value };
}

/** A choice of one thing of the account. */
export function RefInput({ kind, name, value, onValue }: { kind: RefKind; name: string; value: string; onValue: (value: string | undefined) => void }) {
  const say = useSay();
  const { options } = useRefs(kind);
  return <Combobox label={name} labelHidden placeholder={say('panel.choose')} options={options} value={value === '' ? null : standing(value, options)} onChange={(option) => onValue(option?.value)} />;
}

/** A choice of several things of the account. */
export function RefsInput({ kind, name, value, onValue }: { kind: RefKind; name: string; value: readonly string[]; onValue: (value: string[]) => void }) {
  const say = useSay();
  const { options } = useRefs(kind);
  return <MultiCombobox label={name} labelHidden placeholder={say('panel.all')} options={options} value={value.map((each) => standing(each, options))} onChange={(chosen) => onValue(chosen.map((option) => option.value))} />;
}

// Which settings name things of the account, by part and key.
const REFS: Record<string, RefKind> = {
  'action.queue': 'queue',
  'action.fallback_queue': 'queue',
  'action.agent': 'agent',
  'action.label': 'label',
  'action.field': 'contactField',
  'note_settings.agent': 'agent',
  'close_settings.reason': 'reason',
  '*.queue': 'queue',
  '*.field': 'contactField',
  '*.flow': 'flow',
  'jump_settings.node': 'node',
  'command.node': 'node',
  'flow_settings.interrupt_to': 'node',
  '*.connections': 'connection',
};

/** What a setting names, if it names something. Whose hours decides between queues and connections. */
export function refOf(part: string, key: string, value: Readonly<Record<string, unknown>>): RefKind | undefined {
  if (key === 'id' && (part === 'hours_settings' || part === 'wait_settings')) return value.of === 'queue' ? 'queue' : 'connection';
  return REFS[`${part}.${key}`] ?? REFS[`*.${key}`];
}
