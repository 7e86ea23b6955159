import { describe, expect, it } from 'vitest';
import { flowKinds } from '@/api/flow.gen';
import { fieldsEn } from './fields.en';
import { fieldsPt } from './fields.pt-br';
import { fieldsOf, fieldWords, type FieldType } from './schema';
import { shownOf } from './shown';
import { hasValueWords } from './values';

const roots = [...Object.keys(flowKinds).map((kind) => `${kind}_settings`), 'flow_settings', 'variable_spec', 'inbound_trigger', 'keyword_trigger', 'button_trigger'];

function parts(): string[] {
  const found = new Set<string>();
  const visit = (part: string) => {
    if (found.has(part)) return;
    found.add(part);
    const into = (type: FieldType) => {
      if (type.kind === 'object') visit(type.part);
      if (type.kind === 'list' || type.kind === 'map') into(type.of);
    };
    for (const { type } of fieldsOf(part)) into(type);
  };
  roots.filter((root) => fieldsOf(root).length > 0).forEach(visit);
  return [...found];
}

describe('settings', () => {
  it('have a name and a sentence of help in both languages, every one of the schema', () => {
    expect(parts().length).toBeGreaterThan(30);
    for (const part of parts()) {
      for (const { key } of fieldsOf(part)) {
        for (const language of ['pt-BR', 'en'] as const) {
          const [name, help] = fieldWords(language, part, key);
          expect({ part, key, language, words: name !== '' && help !== '' }).toEqual({ part, key, language, words: true });
        }
      }
    }
  });

  it('are in both languages, and no words are left of settings that are gone', () => {
    expect(Object.keys(fieldsEn).sort()).toEqual(Object.keys(fieldsPt).sort());
    const used = new Set(parts().flatMap((part) => fieldsOf(part).map(({ key }) => (fieldsPt[`${part}.${key}`] ? `${part}.${key}` : `*.${key}`))));
    expect(Object.keys(fieldsPt).filter((name) => !used.has(name))).toEqual([]);
  });

  it('have words for every value of a closed list', () => {
    for (const part of parts()) {
      for (const { key, type } of fieldsOf(part)) {
        if (type.kind === 'enum') for (const value of type.values) expect(`${part}.${key}:${value} ${hasValueWords(key, value)}`).toBe(`${part}.${key}:${value} true`);
      }
    }
  });

  it('that are filled in are always shown somewhere', () => {
    for (const part of parts()) {
      const keys = fieldsOf(part).map(({ key }) => key);
      const full = Object.fromEntries(keys.map((key) => [key, 'x']));
      const { first, more } = shownOf(part, keys, full);
      const shown = new Set([...first, ...more, 'attempts', 'invalid_text', 'help_text', 'timeout', 'reminders', 'debounce']);
      expect(keys.filter((key) => !shown.has(key))).toEqual([]);
    }
  });
});
