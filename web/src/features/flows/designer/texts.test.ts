import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { found, PRESETS } from './presets';
import { designerEn } from './texts.en';
import { designerPt } from './texts.pt-br';

function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, path === '' ? key : `${path}.${key}`));
}

const portuguese = new Map(leaves(designerPt));
const english = new Map(leaves(designerEn));
const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /(?<!\.test)\.tsx?$/.test(name) && !/(^|\.)(pt-br|en)\.ts$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

describe('the designer’s texts', () => {
  it('are the same keys in both languages, filled with the same values, and never empty', () => {
    expect([...english.keys()]).toEqual([...portuguese.keys()]);
    for (const [key, text] of portuguese) {
      expect([key, holes(english.get(key) ?? '')]).toEqual([key, holes(text)]);
      expect([key, text.trim() !== '' && english.get(key)?.trim() !== '']).toEqual([key, true]);
      if (key.endsWith('_one')) expect(portuguese.has(key.replace(/_one$/, '_other'))).toBe(true);
    }
  });

  it('are all used', () => {
    const code = sources(join(import.meta.dirname, '..')).join('\n');
    const families = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1] ?? '');
    const unused = [...portuguese.keys()].filter((key) => {
      const base = key.replace(/_(one|other)$/, '');
      return !code.includes(`'${base}'`) && !code.includes(`"${base}"`) && !families.some((family) => key.startsWith(family));
    });
    expect(unused).toEqual([]);
  });
});

describe('the palette', () => {
  it('has words for each of its things, and nothing else', () => {
    expect(PRESETS.map(({ id }) => id).sort()).toEqual(Object.keys(designerPt.presets).sort());
  });

  it.each([
    ['fila', 'queueMenu'],
    ['atendente humano', 'toQueue'],
    ['transfer', 'toQueue'],
    ['boleto', 'file'],
    ['botoes', 'buttons'],
    ['sleep', undefined],
    ['zip', 'cep'],
    ['se', 'condition'],
    ['texto', 'text'],
  ])('finds by words of either language: %s', (text, first) => {
    const ids = found(text).map(({ id }) => id);
    if (first === undefined) expect(ids).toEqual([]);
    else expect(ids).toContain(first);
  });
});
