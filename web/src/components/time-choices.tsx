/** An instant that is offered: its words, and what it means today. */
export interface TimeChoice {
  value: string;
  words: string;
  hint?: string | undefined;
}

/** One of several instants, with the hour beside its words. */
export function TimeChoices<Choice extends TimeChoice>({ legend, choices, value, onChoose }: { legend: string; choices: readonly Choice[]; value: Choice['value']; onChoose: (value: Choice['value']) => void }) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2 text-sm hover:bg-sunken has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent">
          <input type="radio" name="when" value={choice.value} checked={value === choice.value} onChange={() => onChoose(choice.value)} className="size-4 accent-(--color-accent)" />
          <span className="flex-1">{choice.words}</span>
          <span className="tabular text-xs text-muted">{choice.hint}</span>
        </label>
      ))}
    </fieldset>
  );
}
