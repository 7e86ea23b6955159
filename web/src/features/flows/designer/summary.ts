import type { Language } from '@/i18n';
import { isObject, type Doc, type DocNode, type Json } from './document/document';
import { valueWords } from './panel/values';
import type { Say } from './words';

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

const UNITS = [
  ['w', 'weeks'],
  ['d', 'days'],
  ['h', 'hours'],
  ['m', 'minutes'],
  ['s', 'seconds'],
] as const;

/** A length of time in words: “1 dia e 12 horas”. What is no length of time stays as it is. */
export function durationWords(say: Say, value: unknown): string {
  const written = typeof value === 'number' ? `${value}s` : text(value).trim();
  const parts = [...written.matchAll(/(\d+)\s*(ms|w|d|h|m|s)/g)];
  if (parts.length === 0 || written.replace(/(\d+)\s*(ms|w|d|h|m|s)/g, '').trim() !== '') return written;
  return parts
    .map(([, count, unit]) => {
      const known = UNITS.find(([letter]) => letter === unit);
      return known ? say(`durations.${known[1]}`, { count: Number(count) }) : `${count} ms`;
    })
    .join(' ');
}

/** A rule as people say it. */
function ruleWords(language: Language, say: Say, rule: Json): string {
  if (text(rule.expression) !== '') return text(rule.expression);
  if (isObject(rule.group)) return `(${conditionWords(language, say, rule.group)})`;
  const op = valueWords(language, 'op', text(rule.op) || 'equal');
  const value2 = text(rule.value2) === '' ? '' : ` ${say('face.and')} ${text(rule.value2)}`;
  return [text(rule.variable) || '?', op, `${text(rule.value)}${value2}`].filter(Boolean).join(' ');
}

/** A condition as people say it: its rules with “e” or “ou”. */
export function conditionWords(language: Language, say: Say, settings: Json): string {
  const rules = list(settings.rules);
  if (rules.length === 0) return say('face.noRules');
  return rules.map((rule) => ruleWords(language, say, rule)).join(` ${say(settings.match === 'any' ? 'face.or' : 'face.and')} `);
}

function actionWords(language: Language, say: Say, action: Json): string {
  const what = valueWords(language, 'do', text(action.do));
  switch (action.do) {
    case 'open_ticket': {
      const mode = text(action.mode);
      const to = mode === 'queue' ? text(action.queue) : mode === 'agent' ? text(action.agent) : valueWords(language, 'mode', mode);
      return `${what}: ${to || say('face.missing')}`;
    }
    case 'add_label':
    case 'remove_label':
      return `${what}: ${text(action.label) || say('face.missing')}`;
    case 'set_field':
      return `${text(action.field) || say('face.missing')} = ${text(action.value)}`;
    case 'clear_field':
      return `${what}: ${text(action.field) || say('face.missing')}`;
    case 'note':
      return `${what}: ${text(action.text)}`;
    case 'priority':
      return `${what}: ${valueWords(language, 'priority', text(action.priority))}`;
    default:
      return what;
  }
}

function assignmentWords(language: Language, assignment: Json): string {
  const op = text(assignment.op) || 'value';
  const value = op === 'value' ? text(assignment.value) : op === 'expression' ? text(assignment.expression) : valueWords(language, 'op', op);
  return `${text(assignment.name) || '?'} = ${value}`;
}

/** Names that a document knows and a summary needs. */
export interface Names {
  nodeName: (id: string) => string;
  flowName: (ref: string) => string;
}

/** What a node without a message of its own does, in a line or a few. */
export function summaryOf(node: DocNode, language: Language, say: Say, names: Names): string[] {
  const s = node.settings ?? {};
  switch (node.kind) {
    case 'condition':
      return [conditionWords(language, say, s)];
    case 'switch':
      return [say('face.looksAt', { value: text(s.value) || say('face.missing') })];
    case 'hours':
      return [say('face.hours', { whose: `${valueWords(language, 'of', text(s.of) || 'connection')}${text(s.id) ? ` ${text(s.id)}` : ''}` })];
    case 'wait': {
      const mode = text(s.mode) || 'duration';
      if (mode === 'duration') return [durationWords(say, s.duration) || say('face.missing')];
      return [[valueWords(language, 'mode', mode), text(s.until), text(s.offset), text(s.clock)].filter(Boolean).join(' · ')];
    }
    case 'set_variable':
      return list(s.assignments).map((each) => assignmentWords(language, each));
    case 'split': {
      const total = list(s.branches).reduce((sum, { weight }) => sum + (typeof weight === 'number' ? weight : 0), 0) || 1;
      return [list(s.branches).map(({ id, label, weight }) => `${text(label) || text(id)} ${Math.round(((typeof weight === 'number' ? weight : 0) / total) * 100)} %`).join(' · ')];
    }
    case 'loop':
      return [say('face.loop', { list: text(s.list) || say('face.missing'), item: text(s.item) || '?' })];
    case 'jump':
      return [text(s.flow) ? say('face.toFlow', { name: names.flowName(text(s.flow)) }) : say('face.toNode', { name: text(s.node) ? names.nodeName(text(s.node)) : say('face.missing') })];
    case 'subflow':
      return [text(s.flow) ? names.flowName(text(s.flow)) : say('face.missing')];
    case 'end':
      return [[text(s.outcome), s.close_ticket === true ? say('face.closesTicket') : ''].filter(Boolean).join(' · ') || say('face.ends')];
    case 'action':
      return list(s.actions).map((each) => actionWords(language, say, each));
    case 'note':
      return [text(s.text) || say('face.missing')];
    case 'close':
      return [text(s.text), text(s.reason), s.closing_flow === true ? say('face.closingFlow') : ''].filter(Boolean);
    case 'http':
      return [`${text(s.method) || 'GET'} ${text(s.url)}`];
    case 'webhook':
      return [text(s.event) || say('face.missing')];
    case 'template':
      return [text(s.name) || say('face.noTemplate')];
    default:
      return [];
  }
}

/** The first words that a person would know a node by: its name, else what it says, else its kind. */
export function titleOf(node: DocNode, kindName: string): string {
  return node.name?.trim() ? node.name : kindName;
}

/** Every text that a search of the flow looks at. */
export function searchText(node: DocNode): string {
  const words: string[] = [node.name ?? '', node.id, node.kind];
  const walk = (value: unknown, depth: number): void => {
    if (depth > 8) return;
    if (typeof value === 'string') words.push(value);
    else if (Array.isArray(value)) value.forEach((each) => walk(each, depth + 1));
    else if (isObject(value)) Object.values(value).forEach((each) => walk(each, depth + 1));
  };
  walk(node.settings, 0);
  return words.join(' ');
}

/** The name of an entry of a flow: “mensagem recebida”, “palavra-chave: oi, olá”. */
export function triggerWords(say: Say, trigger: NonNullable<Doc['triggers']>[number]): string {
  const s = trigger.settings ?? {};
  const known = ['inbound', 'keyword', 'button', 'manual', 'api', 'closing', 'scheduled'] as const;
  const kind = known.find((each) => each === trigger.kind);
  if (!kind) return trigger.kind;
  const words = kind === 'keyword' ? s.words : kind === 'button' ? s.payloads : undefined;
  const listed = Array.isArray(words) ? words.map(text).filter(Boolean).join(', ') : '';
  return listed === '' ? say(`triggers.${kind}.name`) : `${say(`triggers.${kind}.name`)}: ${listed}`;
}
