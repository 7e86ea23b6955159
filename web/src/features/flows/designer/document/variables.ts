import { isObject, type Doc, type DocNode, type Json } from './document';

/** A variable of the flow. */
export interface Known {
  name: string;
  type: string;
  /** The node that fills it; none when the flow declares it. */
  node?: string;
  /** What people call it. */
  label?: string;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const word = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

const ANSWERS: Record<string, string> = { number: 'number', rating: 'number', yes_no: 'boolean', date: 'date', time: 'time', multiple_choice: 'list', file: 'media', image: 'media', audio: 'media', video: 'media', location: 'object' };

/** The variables that a node fills. */
export function storedBy(node: DocNode): Known[] {
  const s = node.settings ?? {};
  const found: [string, string][] = [];
  const put = (name: unknown, type = 'any') => {
    if (word(name) !== '') found.push([word(name), type]);
  };
  const answer = node.kind === 'question' ? (ANSWERS[word(s.type)] ?? 'text') : node.kind === 'template' ? 'text' : 'any';
  put(s.save_to, answer);
  for (const item of list(s.items)) if (isObject(item.save)) put(item.save.save_to, ANSWERS[word(item.save.type)] ?? 'text');
  if (node.kind === 'http') {
    put(s.save_status, 'number');
    put(s.save_body);
    for (const each of list(s.save)) put(each.to, word(each.type) || 'any');
  }
  if (node.kind === 'set_variable') for (const each of list(s.assignments)) put(each.name, word(each.type) || 'any');
  if (node.kind === 'loop') {
    put(s.item);
    put(s.index, 'number');
  }
  if (node.kind === 'subflow' && isObject(s.outputs)) for (const name of Object.values(s.outputs)) put(name);
  return found.map(([name, type]) => ({ name, type, node: node.id }));
}

/** Every variable of the flow, by name: those that it declares, and those that nodes fill. */
export function variablesOf(doc: Doc): Known[] {
  const known = new Map<string, Known>();
  for (const each of doc.variables ?? []) known.set(each.name, { name: each.name, type: each.type ?? 'any', ...(typeof each.label === 'string' && { label: each.label }) });
  for (const node of doc.nodes) for (const each of storedBy(node)) if (!known.has(each.name)) known.set(each.name, each);
  return [...known.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** What texts may read besides the flow's variables, by whose it is. The short form is what a text gets. */
export const SYSTEM_VARIABLES = {
  contact: ['nome', 'primeiro_nome', 'telefone', 'email', 'cpf', 'rg', 'data_nascimento', 'codigo_cliente', 'idioma'],
  conversation: ['protocolo', 'conversa', 'conexao'],
  time: ['saudacao', 'hoje', 'agora'],
  other: ['resposta', 'empresa'],
} as const;

/** Settings that hold the name of a variable, or a path that begins with one. */
const NAME_KEYS = new Set(['save_to', 'to', 'item', 'index', 'list', 'from', 'variable', 'save_status', 'save_body']);
const EXPRESSION_KEYS = new Set(['expression', 'cancel_if']);

const escaped = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** The name as a word: not inside another one, and not behind a dot. */
const asWord = (name: string) => new RegExp(`(?<![\\p{L}\\p{N}_.])${escaped(name)}(?![\\p{L}\\p{N}_])`, 'gu');
/** Quoted parts of a code are words of people. */
const outsideQuotes = (code: string, change: (part: string) => string) =>
  code.replace(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([^"']+)/g, (_, quoted: string | undefined, plain: string | undefined) => quoted ?? change(plain ?? ''));

function renamedText(text: string, from: string, to: string): string {
  const names = asWord(from);
  const change = (code: string) => outsideQuotes(code, (part) => part.replace(names, to));
  return text
    .replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, change)
    .replace(new RegExp(`(?<!\\{)\\{\\s*${escaped(from)}\\s*\\}(?!\\})`, 'gu'), () => `{${to}}`);
}

function renamedIn(value: unknown, from: string, to: string, key: string): unknown {
  if (typeof value === 'string') {
    if (NAME_KEYS.has(key)) return value === from || value.startsWith(`${from}.`) ? to + value.slice(from.length) : value;
    if (EXPRESSION_KEYS.has(key)) return outsideQuotes(value, (part) => part.replace(asWord(from), to));
    return renamedText(value, from, to);
  }
  if (Array.isArray(value)) return (value as unknown[]).map((each) => renamedIn(each, from, to, key));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, renamedIn(each, from, to, name)]));
}

/** A node that calls a variable by another name: where it fills it and where it reads it. */
export function renamedVariable(node: DocNode, from: string, to: string): DocNode {
  if (!node.settings) return node;
  const settings = renamedIn(node.settings, from, to, '') as Json;
  if (node.kind === 'set_variable') {
    settings.assignments = list(settings.assignments).map((each) => (each.name === from ? { ...each, name: to } : each));
  }
  if (node.kind === 'subflow' && isObject(settings.outputs)) {
    settings.outputs = Object.fromEntries(Object.entries(settings.outputs).map(([theirs, ours]) => [theirs, ours === from ? to : ours]));
  }
  return { ...node, settings };
}

/** Whether a node fills or reads a variable. */
export function usesVariable(node: DocNode, name: string): boolean {
  // The name is told from every other one by a name that nothing has.
  return JSON.stringify(renamedVariable(node, name, '\u0001')) !== JSON.stringify(renamedVariable(node, '\u0002', '\u0001'));
}
