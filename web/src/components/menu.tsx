import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import type { ReactElement } from 'react';
import { Key } from './keys';

/** One thing a menu does. */
export interface MenuItem {
  words: string;
  icon?: LucideIcon;
  /** The keys that do the same without the menu, shown beside the words. The screen binds them (useKeys). */
  shortcut?: readonly string[];
  tone?: 'bad';
  /** Whom it affects, shown on hover. */
  hint?: string;
  disabled?: boolean;
  onSelect: () => void;
}

/** A line between groups of items. */
export const MENU_LINE = 'line';

/** What can be done with one thing, behind a button. A choice that stays chosen is a Select or Segments. */
export function Menu({
  label,
  trigger,
  anchor,
  open,
  onOpenChange,
  items,
  align = 'end',
}: {
  /** What the menu is of, for those who hear it. */
  label: string;
  /** The button that opens it. Without one the caller opens the menu beside its anchor: one menu for many rows. */
  trigger?: ReactElement;
  anchor?: Element | null;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  items: readonly (MenuItem | typeof MENU_LINE)[];
  align?: 'start' | 'end';
}) {
  return (
    <BaseMenu.Root modal={false} {...(open !== undefined && { open })} {...(onOpenChange && { onOpenChange: (next: boolean) => onOpenChange(next) })}>
      {trigger && <BaseMenu.Trigger render={trigger} />}
      <BaseMenu.Portal>
        <BaseMenu.Positioner {...(anchor && { anchor })} sideOffset={6} align={align} className="z-50 outline-none">
          <BaseMenu.Popup
            aria-label={label}
            className="min-w-52 rounded-xl border border-line bg-raised p-1 shadow-card transition-opacity duration-100 outline-none data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            {items.map((item, place) =>
              item === MENU_LINE ? (
                <BaseMenu.Separator key={place} className="my-1 h-px bg-line" />
              ) : (
                <BaseMenu.Item
                  key={item.words}
                  disabled={item.disabled ?? false}
                  onClick={item.onSelect}
                  title={item.hint}
                  {...(item.shortcut && { 'aria-keyshortcuts': item.shortcut.join('+') })}
                  className={`flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 text-sm outline-none select-none data-disabled:cursor-not-allowed data-disabled:opacity-50 data-highlighted:bg-accent-soft ${
                    item.tone === 'bad' ? 'text-bad' : 'text-ink data-highlighted:text-accent-strong'
                  }`}
                >
                  {item.icon && <item.icon aria-hidden="true" className="size-4 shrink-0" />}
                  <span className="flex-1">{item.words}</span>
                  {item.shortcut && (
                    <span aria-hidden="true" className="ml-4 flex gap-1">
                      {item.shortcut.map((key) => (
                        <Key key={key} name={key} />
                      ))}
                    </span>
                  )}
                </BaseMenu.Item>
              ),
            )}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
