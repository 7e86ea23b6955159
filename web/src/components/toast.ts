import { Toast as BaseToast } from '@base-ui/react/toast';
import { i18next } from '@/i18n';

/** What a toast is about: done, told, failed. */
export type ToastTone = 'good' | 'info' | 'bad';

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

/** What the place of the toasts needs besides the words. */
export interface ToastData {
  tone: ToastTone;
}

/** The toasts. Outside React, so that the answer of a mutation can speak after its screen is gone. */
export const manager = BaseToast.createToastManager<ToastData>();

// Their place (toasts.tsx) is loaded apart: what is said before it is there waits.
let arrived: () => void = () => undefined;
const place = new Promise<void>((resolve) => (arrived = resolve));

/** Says that the place of the toasts is on screen. */
export function toastsShown(): void {
  arrived();
}

// What can be taken back while its toast is there, oldest first.
const undos = new Map<string, () => void>();

/** Takes back the newest thing that a toast offers to take back. False where there is none. */
export function undoNewest(): boolean {
  const newest = [...undos].at(-1);
  if (!newest) return false;
  const [id, run] = newest;
  undos.delete(id);
  manager.close(id);
  run();
  return true;
}

/** A toast with something to do stays long enough to be reached, also by keys (F6). One that only tells goes sooner. */
const STAYS_MS = { telling: 5000, acting: 10_000 };

/**
 * Says that something was done, or could not be. It is read aloud, at once if it is bad. A failure that belongs to a field or
 * a message stands there and not in a toast.
 */
export function toast({ words, more, tone = 'good', undo, action = undo && { words: i18next.t('app.undo'), run: undo } }: ToastWords): void {
  void place.then(() => {
    const id: string = manager.add({
      title: words,
      ...(more !== undefined && { description: more }),
      data: { tone },
      priority: tone === 'bad' ? 'high' : 'low',
      onClose: () => undos.delete(id),
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
    if (undo) undos.set(id, undo);
  });
}
