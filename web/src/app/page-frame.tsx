import { useEffect, type ReactNode } from 'react';

/** Names the browser's tab after the screen. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Perene' : `${title} · Perene`;
  }, [title]);
}

/** A screen that scrolls: its name, a sentence about it, filters, and what it shows. */
export function PageFrame({
  title,
  lead,
  actions,
  filters,
  before,
  children,
}: {
  title: string;
  lead?: string;
  /** Beside the title: a state, a switch. */
  actions?: ReactNode;
  /** Under the title: what narrows the list. */
  filters?: ReactNode;
  /** Above the title: a way back. */
  before?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex min-h-full w-full max-w-6xl flex-col px-4 pt-5 pb-10 sm:px-8 sm:pt-8">
        {before}
        <header className="mb-5 flex flex-col gap-3 sm:mb-7 lg:flex-row lg:items-end lg:justify-between">
          <div>
            <h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
            {lead !== undefined && <p className="mt-0.5 max-w-2xl text-sm text-pretty text-muted">{lead}</p>}
          </div>
          {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
        {filters !== undefined && <div className="-mt-1 mb-4 flex flex-wrap items-center justify-between gap-2">{filters}</div>}
        {children}
      </div>
    </div>
  );
}
