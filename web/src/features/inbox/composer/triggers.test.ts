import { describe, expect, it } from 'vitest';
import { complete, hasVariables, internalText, triggerAt } from './triggers';

const at = (text: string, note = false) => triggerAt(text, text.length, note);

describe('what is completed while writing', () => {
  it('is a code after a slash at the start of a word (rule 198)', () => {
    expect(at('/bo')).toEqual({ kind: 'canned', start: 0, end: 3, typed: 'bo' });
    expect(at('Oi /')).toMatchObject({ kind: 'canned', start: 3, typed: '' });
    expect(at('1/2')).toBeUndefined();
    expect(at('https://x')).toBeUndefined();
    expect(at('/bo ')).toBeUndefined();
  });

  it('is a variable after a brace (rule 112)', () => {
    expect(at('Olá {no')).toEqual({ kind: 'variable', start: 4, end: 7, typed: 'no' });
    expect(at('Olá {nome}')).toBeUndefined();
  });

  it('is a person after an at sign, in notes only', () => {
    expect(at('@Bru', true)).toMatchObject({ kind: 'mention', typed: 'Bru' });
    expect(at('@Bruno Ca', true)).toMatchObject({ kind: 'mention', typed: 'Bruno Ca' });
    expect(at('@Bru')).toBeUndefined();
    expect(at('ana@loja', true)).toBeUndefined();
  });

  it('takes the place of what was typed, in the middle of a text too', () => {
    const text = 'Olá {no, tudo bem?';
    expect(complete(text, triggerAt(text, 7, false)!, '{nome}')).toEqual({ text: 'Olá {nome}, tudo bem?', caret: 10 });
  });

  it('knows a text with variables', () => {
    expect(hasVariables('Olá { nome }')).toBe(true);
    expect(hasVariables('{"a": 1}')).toBe(false);
  });

  it('takes /interna in small letters, with words behind it (rule 122)', () => {
    expect(internalText('/interna falar com o estoque')).toBe('falar com o estoque');
    expect(internalText('/Interna falar')).toBeUndefined();
    expect(internalText('/interna ')).toBeUndefined();
    expect(internalText('/internacional x')).toBeUndefined();
  });
});
