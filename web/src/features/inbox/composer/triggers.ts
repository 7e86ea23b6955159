/** What is being completed: a canned response, a variable, the name of a person or queue, or an emoji. */
export interface Trigger {
  kind: 'canned' | 'variable' | 'mention' | 'emoji';
  /** Where it begins in the text, with its sign. */
  start: number;
  end: number;
  /** What was typed after the sign. */
  typed: string;
}

const CANNED = /(?:^|\s)\/([\p{L}\p{N}_-]{0,40})$/u;
const VARIABLE = /\{([\p{L}\p{N}_.]{0,60})$/u;
const MENTION = /(?:^|\s)@([\p{L}\p{N}._-]{0,30}(?: [\p{L}\p{N}._-]{1,30})?)$/u;

// Two letters at least, after a space: neither “10:30” nor “:)” begins one.
const EMOJI = /(?:^|\s):(\p{L}[\p{L}\p{N}_]{1,30})$/u;

/** The names that every text knows for the contact and the conversation; the account's own fields come besides them. */
export const VARIABLES = [
  'nome',
  'primeiro_nome',
  'telefone',
  'email',
  'cpf',
  'rg',
  'data_nascimento',
  'codigo_cliente',
  'protocolo',
  'conversa',
  'conexao',
  'empresa',
  'hoje',
  'agora',
  'saudacao',
] as const;

/** What stands right before the cursor and can be completed. People are called in notes only. */
export function triggerAt(text: string, caret: number, note: boolean): Trigger | undefined {
  const before = text.slice(0, caret);
  for (const [kind, pattern] of [['canned', CANNED], ['variable', VARIABLE], ['emoji', EMOJI], ...(note ? ([['mention', MENTION]] as const) : [])] as const) {
    const match = pattern.exec(before);
    const typed = match?.[1];
    if (typed === undefined) continue;
    return { kind, start: caret - typed.length - 1, end: caret, typed };
  }
  return undefined;
}

/** Puts words in the place of what is completed. Gives the text and where the cursor goes. */
export function complete(text: string, trigger: Trigger, words: string): { text: string; caret: number } {
  return { text: text.slice(0, trigger.start) + words + text.slice(trigger.end), caret: trigger.start + words.length };
}

const NAMED = /\{\s*[\p{L}_][\p{L}\p{N}_.]*\s*\}/u;

/** Whether a text names a variable. */
export function hasVariables(text: string): boolean {
  return NAMED.test(text);
}

const INTERNAL = /^\/interna\s+(?=\S)/;

/** The note in an answer that begins with "/interna", in small letters only (rule 122); undefined when it is an answer. */
export function internalText(text: string): string | undefined {
  return INTERNAL.test(text) ? text.replace(INTERNAL, '') : undefined;
}
