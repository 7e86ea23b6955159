import { describe, expect, it } from 'vitest';
import { contrast, faintOn, isColor, PALETTE } from './contrast';

describe('colours', () => {
  it('of the palette are seen in both themes', () => {
    for (const color of PALETTE) expect([color, faintOn(color)]).toEqual([color, []]);
  });

  it('that a theme swallows are told, each for its theme', () => {
    expect(faintOn('#ffff66')).toEqual(['light']);
    expect(faintOn('#1a1a2e')).toEqual(['dark']);
  });

  it('differ as WCAG measures it', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
  });

  it('are written with six digits', () => {
    expect(['#0f766e', '#0F766E', '#fff', '0f766e', 'red'].filter(isColor)).toEqual(['#0f766e', '#0F766E']);
  });
});
