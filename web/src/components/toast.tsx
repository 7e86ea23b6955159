import { Toast as BaseToast } from '@base-ui/react/toast';
import { CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { i18next } from '@/i18n';
import { IconButton } from './button';

type ToastTone = 'good' | 'info' | 'bad';

/** What a toast says, and the one thing that can be done about it. */
export interface ToastWords {
  words: string;
  /** A second line. */
  more?: string;
  tone?: ToastTone;
  /** Something to do about it: pressing it closes the toast. */
  action?: { words: string; run: () => void };
  /** The usual action: takes back what was done. */
  undo?: () => void;
}

interface Data {
  tone: ToastTone;
}

// Outside React, so that the answer of a mutation can speak after its screen is gone.
const manager = BaseToast.createToastManager<Data>();

/** A toast with something to do stays long enough to be reached, also by keys (F6). One that only tells goes sooner. */
const STAYS_MS = { telling: 5000, acting: 10_000 };

/**
 * Says that something was done, or could not be. It is read aloud, at once if it is bad. A failure that belongs to a field or
 * a message stands there and not in a toast.
 */
export function toast({ words, more, tone = 'good', undo, action = undo && { words: i18next.t('app.undo'), run: undo } }: ToastWords): void {
  const id = manager.add({
    title: words,
    ...(more !== undefined && { description: more }),
    data: { tone },
    priority: tone === 'bad' ? 'high' : 'low',
    timeout: action || tone === 'bad' ? STAYS_MS.acting : STAYS_MS.telling,
    ...(action && {
      actionProps: {
        children: action.words,
        onClick: () => {
          manager.close(id);
          action.run();
        },
      },
    }),
  });
}

const LOOKS = {
  good: { icon: CircleCheck, color: 'text-good' },
  info: { icon: Info, color: 'text-info' },
  bad: { icon: TriangleAlert, color: 'text-bad' },
} as const;

/** The place of the toasts: once, around the console. Time stands still while one of them is pointed at or has the focus. */
export function Toasts() {
  const { t } = useTranslation();
  return (
    <BaseToast.Provider toastManager={manager} limit={3}>
      <BaseToast.Portal>
        <BaseToast.Viewport
          aria-label={t('kit.notices')}
          className="fixed inset-x-3 bottom-18 z-60 flex flex-col gap-2 outline-none sm:inset-x-auto sm:right-4 sm:bottom-4 sm:w-88 md:bottom-4"
        >
          <List />
        </BaseToast.Viewport>
      </BaseToast.Portal>
    </BaseToast.Provider>
  );
}

function List() {
  const { t } = useTranslation();
  const { toasts } = BaseToast.useToastManager<Data>();
  return toasts.map((each) => {
    const { icon: Icon, color } = LOOKS[each.data?.tone ?? 'info'];
    return (
      <BaseToast.Root
        key={each.id}
        toast={each}
        className="rounded-xl border border-line bg-raised shadow-card transition-[opacity,transform] duration-200 data-ending-style:opacity-0 data-limited:hidden data-starting-style:translate-y-2 data-starting-style:opacity-0"
      >
        <BaseToast.Content className="flex items-center gap-3 py-2 pr-2 pl-3.5 text-sm">
          <Icon aria-hidden="true" className={`size-5 shrink-0 ${color}`} />
          <div className="min-w-0 flex-1 py-1">
            <BaseToast.Title className="font-medium" />
            <BaseToast.Description className="text-muted" />
          </div>
          <BaseToast.Action className="min-h-9 shrink-0 rounded-lg px-2.5 font-medium text-accent-strong hover:bg-sunken" />
          <BaseToast.Close
            render={
              <IconButton label={t('app.close')}>
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            }
          />
        </BaseToast.Content>
      </BaseToast.Root>
    );
  });
}
