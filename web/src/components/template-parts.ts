import { z } from 'zod/mini';
import type { Content, ContentMedia, Template } from '@/api/types';

const list = <T extends z.ZodMiniType>(of: T) => z.catch(z.optional(z.array(of)), undefined);
const text = z.catch(z.optional(z.string()), undefined);
const named = list(z.object({ param_name: z.string(), example: z.catch(z.string(), '') }));

const buttonSchema = z.object({
  type: z.string(),
  text,
  url: text,
  example: z.catch(z.optional(z.union([z.string(), z.array(z.string())])), undefined),
});

const partSchema = z.object({
  type: z.string(),
  format: text,
  text,
  example: z.catch(
    z.optional(
      z.object({
        header_text: list(z.string()),
        header_handle: list(z.string()),
        header_text_named_params: named,
        body_text: list(z.array(z.string())),
        body_text_named_params: named,
      }),
    ),
    undefined,
  ),
  buttons: list(buttonSchema),
});
type Part = z.infer<typeof partSchema>;

const componentsSchema = z.array(z.extend(partSchema, { cards: list(z.object({ components: z.array(partSchema) })) }));

/** The files a template's header takes. */
export type HeaderFile = 'image' | 'video' | 'document';

/** One value that a template wants. */
export interface TemplateField {
  /** Names the value among all of the template's. */
  key: string;
  place: 'header' | 'body' | 'button' | 'code';
  kind: 'text' | HeaderFile;
  /** The variable's name, or its number, or the button's words. */
  name: string;
  /** The card of a carousel it belongs to, from 1. */
  card?: number;
  /** What the business gave the provider as an example. */
  example: string;
}

/** What the provider says a template looks like, and the values it wants. */
export interface TemplateShape {
  header: { text: string } | { file: HeaderFile } | undefined;
  body: string;
  footer: string;
  buttons: string[];
  cards: number;
  fields: TemplateField[];
  /** It needs something this console cannot fill: a location, a product, a form, an offer's end. */
  unsupported: boolean;
}

const VARIABLE = /\{\{\s*([\p{L}\p{N}_]+)\s*\}\}/gu;
const FILES: Record<string, HeaderFile> = { IMAGE: 'image', VIDEO: 'video', DOCUMENT: 'document' };
const FILLED_BY_OTHERS = new Set(['CATALOG', 'MPM', 'SPM', 'OTP']);

/** The variables of a text in the order in which they stand, each once. */
export function variablesOf(words: string): string[] {
  return [...new Set([...words.matchAll(VARIABLE)].map((match) => match[1] ?? ''))];
}

/** Puts values in the place of variables; one without a value stays as it is written. */
export function fillIn(words: string, value: (name: string) => string | undefined): string {
  return words.replace(VARIABLE, (whole, name: string) => value(name) ?? whole);
}

function textFields(part: Part, place: 'header' | 'body', prefix: string, card: number | undefined): TemplateField[] {
  const { example } = part;
  const names = place === 'body' ? example?.body_text_named_params : example?.header_text_named_params;
  const positions = place === 'body' ? example?.body_text?.[0] : example?.header_text;
  return variablesOf(part.text ?? '').map((name, index) => ({
    key: `${prefix}${place}.${name}`,
    place,
    kind: 'text',
    name,
    ...(card !== undefined && { card }),
    example: names?.find((each) => each.param_name === name)?.example ?? positions?.[index] ?? '',
  }));
}

function buttonFields(buttons: readonly z.infer<typeof buttonSchema>[], prefix: string, card: number | undefined): TemplateField[] {
  return buttons.flatMap(({ type, text: words = '', url = '', example }, index): TemplateField[] => {
    const first = Array.isArray(example) ? (example[0] ?? '') : (example ?? '');
    const base = { key: `${prefix}button.${index}`, kind: 'text' as const, name: words, ...(card !== undefined && { card }) };
    if (type.toUpperCase() === 'COPY_CODE') return [{ ...base, place: 'code', example: first }];
    if (type.toUpperCase() !== 'URL' || variablesOf(url).length === 0) return [];
    // Meta's example is the whole address; the value is only its end.
    const start = url.slice(0, url.indexOf('{{'));
    return [{ ...base, place: 'button', example: first.startsWith(start) ? first.slice(start.length) : first }];
  });
}

function readParts(parts: readonly Part[], prefix: string, card: number | undefined, into: TemplateShape): void {
  for (const part of parts) {
    switch (part.type.toUpperCase()) {
      case 'HEADER': {
        const file = FILES[part.format?.toUpperCase() ?? ''];
        if (file) into.fields.push({ key: `${prefix}header`, place: 'header', kind: file, name: '', ...(card !== undefined && { card }), example: '' });
        else if ((part.format ?? 'TEXT').toUpperCase() === 'TEXT') into.fields.push(...textFields(part, 'header', prefix, card));
        else into.unsupported = true;
        if (card === undefined) into.header = file ? { file } : { text: part.text ?? '' };
        break;
      }
      case 'BODY':
        into.fields.push(...textFields(part, 'body', prefix, card));
        if (card === undefined) into.body = part.text ?? '';
        break;
      case 'FOOTER':
        into.footer = part.text ?? '';
        break;
      case 'BUTTONS':
        into.fields.push(...buttonFields(part.buttons ?? [], prefix, card));
        if (part.buttons?.some((each) => FILLED_BY_OTHERS.has(each.type.toUpperCase()))) into.unsupported = true;
        if (card === undefined) into.buttons = part.buttons?.map((each) => each.text ?? '').filter(Boolean) ?? [];
        break;
      case 'CAROUSEL':
        break;
      default:
        into.unsupported = true;
    }
  }
}

/** Reads a template's definition. One that cannot be read is unsupported and has no fields. */
export function shapeOf(template: Template): TemplateShape {
  const shape: TemplateShape = { header: undefined, body: '', footer: '', buttons: [], cards: 0, fields: [], unsupported: false };
  const parsed = componentsSchema.safeParse(template.components);
  if (!parsed.success) return { ...shape, unsupported: true };
  readParts(parsed.data, '', undefined, shape);
  for (const part of parsed.data) {
    part.cards?.forEach((each, index) => readParts(each.components, `card.${index}.`, index + 1, shape));
    shape.cards += part.cards?.length ?? 0;
  }
  return shape;
}

/** The values of a template: words by the field's key, and files. */
export interface TemplateValues {
  words: Readonly<Record<string, string>>;
  files: Readonly<Record<string, ContentMedia | undefined>>;
}

function params(fields: readonly TemplateField[], values: TemplateValues, isNamed: boolean) {
  return fields.map(({ key, name }) => ({ text: values.words[key] ?? '', ...(isNamed && { name }) }));
}

function partOf(fields: readonly TemplateField[], values: TemplateValues, isNamed: boolean) {
  const header = fields.filter((field) => field.place === 'header');
  const body = fields.filter((field) => field.place === 'body');
  const buttons = fields.filter((field) => field.place === 'button' || field.place === 'code');
  const file = header.find((field) => field.kind !== 'text');
  const media = file && values.files[file.key];
  const [word] = params(header, values, isNamed);
  return {
    ...(file ? media && { header: { kind: file.kind, media } } : word && { header: { kind: 'text', ...word } }),
    ...(body.length > 0 && { body: params(body, values, isNamed) }),
    ...(buttons.length > 0 && {
      buttons: buttons.map((field) => ({
        index: Number(field.key.split('.').at(-1)),
        kind: field.place === 'code' ? 'copy_code' : 'url',
        text: values.words[field.key] ?? '',
      })),
    }),
  };
}

/** The message that a template with values is, as it is sent and as the contact reads it. */
export function contentOf(template: Template, shape: TemplateShape, values: TemplateValues): Content {
  const isNamed = template.parameter_format === 'named';
  const own = shape.fields.filter((field) => field.card === undefined);
  const filled = (words: string, place: 'header' | 'body') => fillIn(words, (name) => values.words[`${place}.${name}`] || undefined);
  const cards = Array.from({ length: shape.cards }, (_, index) => partOf(shape.fields.filter((field) => field.card === index + 1), values, isNamed));
  return {
    kind: 'template',
    text: filled(shape.body, 'body'),
    ...(shape.footer !== '' && { footer: shape.footer }),
    ...(shape.header && 'text' in shape.header && { header: { kind: 'text', text: filled(shape.header.text, 'header') } }),
    template: {
      name: template.name,
      language: template.language,
      category: template.category.toLowerCase(),
      ...partOf(own, values, isNamed),
      ...(cards.length > 0 && { cards }),
    },
  };
}

/** The fields that still need a value. */
export function missingOf(shape: TemplateShape, values: TemplateValues): TemplateField[] {
  return shape.fields.filter((field) => (field.kind === 'text' ? !values.words[field.key]?.trim() : values.files[field.key] === undefined));
}

const NAMES = /^(nome|name|cliente|contato|primeiro_?nome|first_?name|customer_?name)$/i;
const AGENTS = /^(atendente|agente|agent|vendedor|consultor)$/i;

/** The values that are known without asking: the contact's first name and the agent's name, where a variable is called so (rule 258). */
export function knownValues(shape: TemplateShape, contact: string, agent: string): Record<string, string> {
  const known: Record<string, string> = {};
  for (const { key, name, kind } of shape.fields) {
    if (kind !== 'text') continue;
    if (NAMES.test(name)) known[key] = contact.split(' ')[0] ?? '';
    else if (AGENTS.test(name)) known[key] = agent;
  }
  return known;
}

/** Plain letters in lower case: a search finds "código" by "codigo". */
export function folded(words: string): string {
  return words
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase();
}

/** The templates that match each word of a search, by part of the name or by the category as it is called here (rule 098). */
export function findTemplates(templates: readonly Template[], search: string, category: (template: Template) => string): Template[] {
  const words = folded(search).split(/\s+/).filter(Boolean);
  return templates.filter((template) => {
    const name = folded(template.name);
    const called = folded(category(template));
    return words.every((word) => name.includes(word) || name.replaceAll('_', ' ').includes(word) || called.startsWith(word));
  });
}
