/** One answer of a form: what was asked, and what the person chose or wrote. */
export interface FormAnswer {
  name: string;
  value: string;
}

// What the form sends along for the business, and no answer.
const NOT_ANSWERS = new Set(['flow_token', 'wa_flow_response_params']);

/** A form's name of a question in words: "tela_0_Nota_0" is "Nota". */
function asked(key: string): string {
  const words = key
    .replace(/^(?:screen|tela|page)_\d+_/i, '')
    .replace(/_\d+$/, '')
    .replaceAll('_', ' ')
    .trim();
  return words || key;
}

/** A form's value in words: "0_Excelente" is "Excelente". */
function chosen(value: unknown, words: { yes: string; no: string }): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (Array.isArray(value))
    return value
      .map((each) => chosen(each, words))
      .filter(Boolean)
      .join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^\d+_\D/.test(text) ? text.replace(/^\d+_/, '').replaceAll('_', ' ') : text;
}

/** The answers of a form in their order. What lies inside another answer comes as answers of its own; a response that is no object is one answer. */
export function answersOf(response: unknown, words: { yes: string; no: string }): FormAnswer[] {
  if (response === null || response === undefined || response === '') return [];
  if (typeof response !== 'object' || Array.isArray(response)) return [{ name: '', value: chosen(response, words) }];
  return Object.entries(response).flatMap(([key, value]): FormAnswer[] => {
    if (NOT_ANSWERS.has(key)) return [];
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return answersOf(value, words);
    return [{ name: asked(key), value: chosen(value, words) }];
  });
}
