import { useQuery } from '@tanstack/react-query';
import { connectionsQuery } from '@/api/queries/connections';
import { templatesQuery } from '@/api/queries/templates';
import { Combobox } from '@/components/combobox';
import { isObject, withAt, type Json, type Path } from '../document/document';
import { choiceId } from '../document/edit';
import { useSay } from '../words';
import { useRefs } from './refs';
import { Setting, useFieldWords, useTools } from './setting';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The template: chosen by name, with places for its values and its quick replies. */
export function TemplateField({ owner, path }: { owner: Json; path: Path }) {
  const say = useSay();
  const words = useFieldWords();
  const tools = useTools();
  const { options } = useRefs('template');
  const connections = useQuery(connectionsQuery);
  const first = connections.data?.find(({ channel }) => channel === 'whatsapp_cloud')?.id ?? connections.data?.[0]?.id;
  const templates = useQuery({ ...templatesQuery(first ?? 0), enabled: first !== undefined });
  const [name, help] = words({ part: 'template_settings', key: 'name' });
  const value = text(owner.name);
  const chosen = options.find((option) => option.value === `${value}\n${text(owner.language) || 'pt_BR'}`) ?? (value === '' ? null : { value, words: value });
  const root = path.slice(0, -1);
  const take = (key: string) => {
    const [next = '', language = 'pt_BR'] = key.split('\n');
    const template = templates.data?.find((each) => each.name === next && each.language === language);
    const parts = Array.isArray(template?.components) ? (template.components as unknown[]).filter(isObject) : [];
    const body = text(parts.find(({ type }) => text(type).toUpperCase() === 'BODY')?.text);
    const names = [...body.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)].map(([, each]) => each!);
    const buttons = parts.find(({ type }) => text(type).toUpperCase() === 'BUTTONS')?.buttons;
    const replies = (Array.isArray(buttons) ? buttons.filter(isObject) : []).flatMap((button, index) => (text(button.type).toUpperCase() === 'QUICK_REPLY' ? [{ index, title: text(button.text) }] : []));
    const old = isObject(owner.params) ? owner.params : {};
    const ids: string[] = [];
    const listed = replies.map(({ index, title }) => {
      const id = choiceId(title, ids);
      ids.push(id);
      return { id, index, title };
    });
    const rest = withAt(withAt(owner, ['params'], undefined), ['replies'], undefined) as Json;
    tools.set(root, {
      ...rest,
      name: next,
      language,
      ...(names.length > 0 && { params: Object.fromEntries(names.map((each) => [each, old[each] ?? ''])) }),
      ...(listed.length > 0 && { replies: listed }),
    });
  };
  return (
    <Setting name={name} help={help} path={path} required>
      {() => <Combobox label={name} labelHidden placeholder={say('panel.choose')} options={options} value={chosen} onChange={(option) => (option ? take(option.value) : tools.set(path, ''))} />}
    </Setting>
  );
}
