import { MousePointerClick } from 'lucide-react';
import { presetOf, type Preset } from './presets';
import { useSay } from './words';

const FIRST = ['menu', 'text', 'question'] as const;

/** A flow without nodes: what to begin with, and how one goes on from there. */
export function EmptyCanvas({ onPick }: { onPick: (preset: Preset) => void }) {
  const say = useSay();
  return (
    <div className="pointer-events-none absolute inset-0 z-10 flex items-center justify-center overflow-y-auto p-4">
      <div className="pointer-events-auto w-full max-w-lg rounded-2xl border border-line bg-surface p-6 text-center shadow-card">
        <h2 className="text-lg font-semibold text-balance">{say('empty.title')}</h2>
        <p className="mt-1 text-sm text-pretty text-muted">{say('empty.lead')}</p>
        <div className="mt-4 grid gap-2 sm:grid-cols-3">
          {FIRST.map((id) => {
            const preset = presetOf(id)!;
            const Icon = preset.icon;
            return (
              <button key={id} type="button" onClick={() => onPick(preset)} className="flex flex-col items-center gap-1.5 rounded-xl border border-line bg-surface p-4 text-sm font-medium hover:border-accent hover:bg-accent-soft">
                <Icon aria-hidden="true" className="size-5 text-accent-strong" />
                {say(`presets.${id}.name`)}
                <span className="text-xs font-normal text-pretty text-muted">{say(`empty.${id}`)}</span>
              </button>
            );
          })}
        </div>
        <p className="mt-4 flex items-center justify-center gap-2 text-xs text-pretty text-muted">
          <MousePointerClick aria-hidden="true" className="size-4 shrink-0" />
          {say('empty.hint')}
        </p>
      </div>
    </div>
  );
}
