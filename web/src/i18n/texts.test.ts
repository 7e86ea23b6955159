import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from './en';
import { ptBR } from './pt-br';
import { restTexts } from './rest.pt-br';

function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, path === '' ? key : `${path}.${key}`));
}

const portuguese = new Map(leaves(ptBR));
const english = new Map(leaves(en));
const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]).sort();

function files(folder: string): { path: string; code: string }[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path);
    return /(?<!\.test)\.tsx?$/.test(name) && !/(^|\.)(pt-br|en)\.ts$/.test(name) ? [{ path, code: readFileSync(path, 'utf8') }] : [];
  });
}

const all = files(join(import.meta.dirname, '..'));

describe('texts', () => {
  it('are all used', () => {
    const code = all.map((file) => file.code).join('\n');
    const families = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1] ?? '');
    const unused = [...portuguese.keys()].filter((key) => {
      const base = key.replace(/_(one|other)$/, '');
      return !code.includes(`'${base}'`) && !families.some((family) => key.startsWith(family));
    });
    expect(unused).toEqual([]);
  });

  it('that load behind the first paint are brought by what says them', () => {
    const late = Object.keys(restTexts).map((name) => new RegExp(`\\bt\\(['\`]${name}\\.`));
    // The other files of these features are drawn by their pages alone.
    const drawnByPages = /features\/(connections|flows|quarantine|runs|settings)\/(?!.*-page)/;
    const without = all.filter(({ path, code }) => !drawnByPages.test(path) && late.some((says) => says.test(code)) && !code.includes("import '@/i18n/rest'"));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it('have the same keys in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...portuguese.keys()].sort());
  });

  it('are filled with the same values in both languages', () => {
    for (const [key, text] of portuguese) expect([key, holes(english.get(key) ?? '')]).toEqual([key, holes(text)]);
  });

  it('say in both languages why something is in quarantine, for every code of the contract', () => {
    const contract: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../../api/openapi.json'), 'utf8'));
    expect(contract).toHaveProperty('components.schemas.Quarantined.properties.code.enum', Object.keys(ptBR.quarantine.codes));
    expect(contract).toHaveProperty('components.schemas.Quarantined.properties.last_code.enum', Object.keys(en.quarantine.codes));
  });

  it('are never empty', () => {
    for (const [key, text] of [...portuguese, ...english]) expect([key, text.trim()]).not.toEqual([key, '']);
  });

  it('have both plural forms', () => {
    for (const key of portuguese.keys()) {
      if (key.endsWith('_one')) expect(portuguese.has(key.replace(/_one$/, '_other'))).toBe(true);
    }
  });
});
