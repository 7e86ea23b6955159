/** What a coloured mark needs against what lies under it (WCAG 1.4.11). */
export const MARK_CONTRAST = 3;

/** The grounds a colour stands on: the surface of either theme, as styles.css has it. */
const GROUNDS = { light: '#fdfdfc', dark: '#0f181c' } as const;

/** A theme of the console. */
export type Ground = keyof typeof GROUNDS;

/** Whether a text is a colour as the API takes it: #0f766e. */
export function isColor(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const part = parseInt(color.slice(from, from + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** How much two colours differ, from 1 to 21 (WCAG). */
export function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** The themes in which a colour is hard to see. */
export function faintOn(color: string): Ground[] {
  return (Object.keys(GROUNDS) as Ground[]).filter((ground) => contrast(color, GROUNDS[ground]) < MARK_CONTRAST);
}

/** Colours that are seen in both themes, one of each hue. */
export const PALETTE = [
  '#0f766e',
  '#0891b2',
  '#2563eb',
  '#6366f1',
  '#9333ea',
  '#db2777',
  '#dc2626',
  '#d97706',
  '#b45309',
  '#16a34a',
  '#64748b',
  '#78716c',
] as const;
