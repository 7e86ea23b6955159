/** What a person gave to a dialog that the server refused, with the reason. */
export interface Kept<T> {
  given: T;
  error: unknown;
}

// By conversation and act: the dialog closes when it is sent, and an answer may come when another conversation is on screen.
const kept = new Map<string, Kept<unknown>>();
const nameOf = (conversation: number, act: string) => `${act} ${conversation}`;

/** Keeps what was given until its dialog opens again. */
export function keepInput<T>(conversation: number, act: string, what: Kept<T>): void {
  kept.set(nameOf(conversation, act), what);
}

/** What was given and refused, once. */
export function takeInput<T>(conversation: number, act: string): Kept<T> | undefined {
  const name = nameOf(conversation, act);
  const found = kept.get(name) as Kept<T> | undefined;
  kept.delete(name);
  return found;
}
