// The engine's own file: what the designer offers and what the engine reads cannot differ.
// eslint-disable-next-line no-restricted-imports
import schema from '../../../../../../flow/schema/flow.schema.json';
import type { Language } from '@/i18n';
import { isObject, type Json } from '../document/document';
import { fieldsEn } from './fields.en';
import { fieldsPt, type FieldWords } from './fields.pt-br';

/** How a setting is written. */
export type FieldType =
  | { kind: 'text' | 'request' | 'string' | 'number' | 'integer' | 'boolean' | 'duration' | 'ref' | 'expression' | 'json' }
  | { kind: 'enum'; values: readonly string[] }
  | { kind: 'object'; part: string }
  | { kind: 'list'; of: FieldType; most?: number }
  | { kind: 'map'; of: FieldType };

/** One setting of a part of the schema. */
export interface FieldSpec {
  part: string;
  key: string;
  type: FieldType;
  required: boolean;
  /** The longest text, the least and the largest number. */
  longest?: number;
  least?: number;
  most?: number;
}

const DEFS = schema.$defs as unknown as Record<string, Json>;
const SCALARS: Record<string, FieldType> = {
  text: { kind: 'text' },
  request_text: { kind: 'request' },
  duration: { kind: 'duration' },
  ref: { kind: 'ref' },
  expression: { kind: 'expression' },
  any_json: { kind: 'json' },
  json_body: { kind: 'json' },
};

function typeOf(property: Json): FieldType {
  const name = typeof property.$ref === 'string' ? property.$ref.split('/').at(-1)! : undefined;
  if (name !== undefined) return SCALARS[name] ?? { kind: 'object', part: name };
  if (Array.isArray(property.enum)) return { kind: 'enum', values: property.enum as string[] };
  if (property.type === 'array' && isObject(property.items)) {
    return { kind: 'list', of: typeOf(property.items), ...(typeof property.maxItems === 'number' && { most: property.maxItems }) };
  }
  if (property.type === 'object') return { kind: 'map', of: isObject(property.additionalProperties) ? typeOf(property.additionalProperties) : { kind: 'string' } };
  if (property.type === 'boolean' || property.type === 'integer' || property.type === 'number' || property.type === 'string') return { kind: property.type };
  return { kind: 'json' };
}

const cache = new Map<string, readonly FieldSpec[]>();

/** The settings of a part of the schema, in its order; none for a part that the schema does not have. */
export function fieldsOf(part: string): readonly FieldSpec[] {
  let fields = cache.get(part);
  if (!fields) {
    const { properties = {}, required = [] } = (DEFS[part] ?? {}) as { properties?: Record<string, Json>; required?: string[] };
    fields = Object.entries(properties).map(([key, property]) => ({
      part,
      key,
      type: typeOf(property),
      required: required.includes(key),
      ...(typeof property.minimum === 'number' && { least: property.minimum }),
      ...(typeof property.maximum === 'number' && { most: property.maximum }),
    }));
    cache.set(part, fields);
  }
  return fields;
}

/** One setting of a part. */
export function fieldOf(part: string, key: string): FieldSpec | undefined {
  return fieldsOf(part).find((field) => field.key === key);
}

/** The name of a setting and its sentence of help, in a language. A setting of a newer server has its own key. */
export function fieldWords(language: Language, part: string, key: string): FieldWords {
  const words = language === 'en' ? fieldsEn : fieldsPt;
  return words[`${part}.${key}`] ?? words[`*.${key}`] ?? [key, ''];
}
