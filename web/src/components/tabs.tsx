import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

/** One tab and what it shows. */
export interface Tab<T extends string> {
  value: T;
  words: string;
  /** How many rows it has, if that is known. */
  count?: number;
  content: ReactNode;
}

/** Several faces of one thing, one of them shown. Filters of one list are Chips. The chosen tab belongs into the address. */
export function Tabs<T extends string>({ label, value, tabs, onChange }: { label: string; value: T; tabs: readonly Tab<T>[]; onChange: (value: T) => void }) {
  return (
    <BaseTabs.Root value={value} onValueChange={(next: T) => onChange(next)}>
      <BaseTabs.List aria-label={label} activateOnFocus={false} className="relative mb-4 flex gap-1 overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <BaseTabs.Tab
            key={tab.value}
            value={tab.value}
            className="flex min-h-10 items-center gap-1.5 border-b-2 border-transparent px-3 text-sm font-medium whitespace-nowrap text-muted outline-offset-[-2px] hover:text-ink data-active:border-accent data-active:text-accent-strong"
          >
            {tab.words}
            {tab.count !== undefined && <span className="tabular rounded-full bg-sunken px-1.5 text-xs text-muted">{tab.count}</span>}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {tabs.map((tab) => (
        <BaseTabs.Panel key={tab.value} value={tab.value} className="outline-offset-4">
          {tab.content}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}
