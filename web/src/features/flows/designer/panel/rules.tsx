import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useId } from 'react';
import { flowOperators, type FlowOperator } from '@/api/flow.gen';
import { IconButton } from '@/components/button';
import { isObject, type Json, type Path } from '../document/document';
import { variablesOf } from '../document/variables';
import { useDoc } from '../editor';
import { conditionWords } from '../summary';
import { useLanguage, useSay } from '../words';
import { AddButton } from './fields';
import { RefInput } from './refs';
import { CONTROL, Setting, useFieldWords, useTools } from './setting';
import { TextInput } from './text-input';
import { valueWords } from './values';

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const OPERATORS = Object.keys(flowOperators) as FlowOperator[];
const LABEL_OPS = new Set(['has_label', 'has_no_label']);

/** Rules with E or OU, groups of rules, and expressions; what they say stands under them. */
export function RulesEditor({ owner, path, depth = 0 }: { owner: Json; path: Path; depth?: number }) {
  const say = useSay();
  const language = useLanguage();
  const tools = useTools();
  const words = useFieldWords();
  const part = depth === 0 ? 'condition_settings' : 'rule_group';
  const rules = (Array.isArray(owner.rules) ? owner.rules : []) as unknown[];
  const [name, help] = words({ part, key: 'rules' });
  const listPath = [...path, 'rules'];
  const add = (rule: Json) => tools.set(listPath, [...rules, rule]);
  const swap = (place: number, to: number) => {
    const next = [...rules];
    [next[place], next[to]] = [next[to], next[place]];
    tools.set(listPath, next);
  };
  return (
    <Setting name={depth === 0 ? name : words({ part: 'rule', key: 'group' })[0]} {...(depth === 0 && { help })} path={listPath} group>
      {() => (
        <div className="space-y-2">
          {rules.length > 1 && (
            <select aria-label={words({ part, key: 'match' })[0]} value={text(owner.match) || 'all'} onChange={(event) => tools.set([...path, 'match'], event.target.value)} className={`h-9 ${CONTROL}`}>
              {['all', 'any'].map((each) => (
                <option key={each} value={each}>
                  {valueWords(language, 'match', each)}
                </option>
              ))}
            </select>
          )}
          <ol className="space-y-2">
            {rules.map((rule, place) => (
              <li key={place} className="rounded-xl border border-line bg-surface p-2">
                <div className="flex items-center gap-0.5">
                  <span className="flex-1 pl-1 text-xs font-medium text-muted">{place === 0 ? say('panel.rule', { number: 1 }) : say(owner.match === 'any' ? 'panel.orRule' : 'panel.andRule', { number: place + 1 })}</span>
                  <IconButton label={say('panel.up', { name: say('panel.rule', { number: place + 1 }) })} disabled={place === 0} onClick={() => swap(place, place - 1)} className="!size-8">
                    <ArrowUp aria-hidden="true" className="size-3.5" />
                  </IconButton>
                  <IconButton label={say('panel.down', { name: say('panel.rule', { number: place + 1 }) })} disabled={place === rules.length - 1} onClick={() => swap(place, place + 1)} className="!size-8">
                    <ArrowDown aria-hidden="true" className="size-3.5" />
                  </IconButton>
                  <IconButton label={say('panel.take', { name: say('panel.rule', { number: place + 1 }) })} onClick={() => tools.set([...listPath, place], undefined)} className="!size-8">
                    <X aria-hidden="true" className="size-4" />
                  </IconButton>
                </div>
                <RuleRow rule={isObject(rule) ? rule : {}} path={[...listPath, place]} depth={depth} />
              </li>
            ))}
          </ol>
          <div className="flex flex-wrap gap-1.5">
            <AddButton words={say('panel.addRule')} onClick={() => add({ variable: '', op: 'equal', value: '' })} />
            {depth < 2 && <AddButton words={say('panel.addGroup')} onClick={() => add({ group: { match: 'any', rules: [{ variable: '', op: 'equal', value: '' }] } })} />}
            <AddButton words={say('panel.addExpression')} onClick={() => add({ expression: '' })} />
          </div>
          {depth === 0 && rules.length > 0 && (
            <p className="rounded-lg bg-sunken px-2.5 py-2 text-xs text-muted">
              <span className="font-medium text-ink">{say('panel.says')}</span> {conditionWords(language, say, owner)}
            </p>
          )}
        </div>
      )}
    </Setting>
  );
}

function RuleRow({ rule, path, depth }: { rule: Json; path: Path; depth: number }) {
  const say = useSay();
  const language = useLanguage();
  const tools = useTools();
  const words = useFieldWords();
  const doc = useDoc();
  const id = useId();
  if (isObject(rule.group)) return <RulesEditor owner={rule.group} path={[...path, 'group']} depth={depth + 1} />;
  if (rule.expression !== undefined) {
    const [name, help] = words({ part: 'rule', key: 'expression' });
    return (
      <Setting name={name} help={help} path={[...path, 'expression']}>
        {(ids) => <textarea {...ids} rows={2} spellCheck={false} value={text(rule.expression)} onChange={(event) => tools.set([...path, 'expression'], event.target.value)} className={`py-1.5 font-mono text-[0.8125rem] ${CONTROL}`} />}
      </Setting>
    );
  }
  const op = (text(rule.op) || 'equal') as FlowOperator;
  const takes = Object.hasOwn(flowOperators, op) ? flowOperators[op] : 1;
  const aboutLabel = LABEL_OPS.has(op);
  const known = [...variablesOf(doc).map(({ name }) => ({ value: name, words: name })), ...CONTACT.map((name) => ({ value: name, words: say(`rulePaths.${name.replace('.', '_') as RulePath}`) }))];
  return (
    <div className="space-y-2">
      {!aboutLabel && (
        <Setting name={words({ part: 'rule', key: 'variable' })[0]} path={[...path, 'variable']}>
          {(ids) => (
            <>
              <input {...ids} list={`${id}-known`} type="text" spellCheck={false} value={text(rule.variable)} onChange={(event) => tools.set([...path, 'variable'], event.target.value.trim())} className={`h-9 ${CONTROL}`} />
              <datalist id={`${id}-known`}>
                {known.map(({ value, words: shown }) => (
                  <option key={value} value={value}>
                    {shown}
                  </option>
                ))}
              </datalist>
            </>
          )}
        </Setting>
      )}
      <Setting name={words({ part: 'rule', key: 'op' })[0]} path={[...path, 'op']}>
        {(ids) => (
          <select {...ids} value={op} onChange={(event) => tools.set([...path, 'op'], event.target.value)} className={`h-9 ${CONTROL}`}>
            {!OPERATORS.includes(op) && <option value={op}>{op}</option>}
            {OPERATORS.map((each) => (
              <option key={each} value={each}>
                {valueWords(language, 'op', each)}
              </option>
            ))}
          </select>
        )}
      </Setting>
      {(takes !== 0 || text(rule.value) !== '') && (
        <Setting name={words({ part: 'rule', key: 'value' })[0]} {...(takes === -1 && { help: say('panel.commas') })} path={[...path, 'value']}>
          {(ids) =>
            aboutLabel ? (
              <RefInput kind="label" name={words({ part: 'rule', key: 'value' })[0]} value={text(rule.value)} onValue={(next) => tools.set([...path, 'value'], next ?? '')} />
            ) : (
              <TextInput single value={text(rule.value)} onValue={(next) => tools.set([...path, 'value'], next)} ids={ids} />
            )
          }
        </Setting>
      )}
      {(takes === 2 || text(rule.value2) !== '') && (
        <Setting name={words({ part: 'rule', key: 'value2' })[0]} path={[...path, 'value2']}>
          {(ids) => <TextInput single value={text(rule.value2)} onValue={(next) => tools.set([...path, 'value2'], next)} ids={ids} />}
        </Setting>
      )}
    </div>
  );
}

const CONTACT = ['contact.name', 'contact.email', 'contact.phone', 'contact.cpf', 'contact.labels', 'contact.language', 'conversation.queue', 'conversation.priority', 'answer', 'trigger.text'] as const;
type RulePath = 'contact_name' | 'contact_email' | 'contact_phone' | 'contact_cpf' | 'contact_labels' | 'contact_language' | 'conversation_queue' | 'conversation_priority' | 'answer' | 'trigger_text';

