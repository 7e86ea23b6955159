import { ChevronRight } from 'lucide-react';
import { useState, type ReactNode } from 'react';

/** A part of the panel beside a conversation, with its name. */
export function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-t border-line px-5 py-4">
      <div className="mb-2 flex min-h-6 items-center justify-between gap-2">
        <h3 className="text-xs font-semibold text-muted">{title}</h3>
        {action}
      </div>
      {children}
    </section>
  );
}

/** A part that is read less often: it is closed, and read from the server when it is opened. */
export function Folded({ title, children }: { title: string; children: () => ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="group border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex min-h-11 cursor-pointer items-center gap-2 px-5 text-xs font-semibold text-muted hover:bg-sunken">
        <ChevronRight aria-hidden="true" className="size-4 transition-transform group-open:rotate-90" />
        <h3>{title}</h3>
      </summary>
      <div className="px-5 pb-4">{open && children()}</div>
    </details>
  );
}
