/** The id of the field in which a conversation is answered. */
export function composerId(conversation: number): string {
  return `escrever-${conversation}`;
}

/** The id of the button that sends. */
export function sendId(conversation: number): string {
  return `enviar-${conversation}`;
}

/** Puts the cursor into the composer of a conversation, once it is drawn. */
export function focusComposer(conversation: number): void {
  requestAnimationFrame(() => document.getElementById(composerId(conversation))?.focus());
}
