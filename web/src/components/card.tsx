import { useId, type ReactNode } from 'react';

/** One thing with a name: what belongs together on a screen. Its heading names it for those who hear it. */
export function Card({
  title,
  hint,
  actions,
  children,
  className,
}: {
  title: string;
  /** A sentence under the title. */
  hint?: string | undefined;
  /** At the end of the title's line: a state, a link, a button. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={`rounded-2xl border border-line bg-surface p-5 ${className ?? ''}`}>
      <div className="mb-3 flex flex-wrap items-start justify-between gap-x-3 gap-y-1">
        <div className="min-w-0">
          <h2 id={id} className="font-semibold">
            {title}
          </h2>
          {hint !== undefined && <p className="text-sm text-pretty text-muted">{hint}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
