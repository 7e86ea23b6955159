import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useId, useRef, type ReactNode, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from './button';
import { Form } from './form';

const SIDES = {
  middle:
    'top-1/2 left-1/2 max-h-[85dvh] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-2xl data-starting-style:scale-98 data-starting-style:opacity-0 data-ending-style:opacity-0',
  right: 'inset-y-0 right-0 w-full max-w-sm data-starting-style:translate-x-8 data-starting-style:opacity-0 data-ending-style:opacity-0',
} as const;

const WIDTHS = { narrow: 'max-w-md', wide: 'max-w-[44rem]' } as const;

/** What a dialog is opened with. */
interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One sentence under the title. */
  lead?: string | undefined;
  children?: ReactNode;
  /** middle asks or shows, right (a sheet) has what belongs beside the page. */
  side?: keyof typeof SIDES;
  width?: keyof typeof WIDTHS;
  /** Gets the focus first; else the first field, or the first thing that can have it. */
  initialFocus?: RefObject<HTMLElement | null>;
}

/**
 * A window over the page. Focus stays in it and goes back to where it was, Escape and a press beside it close it, and the
 * page's single keys sleep. A dialog that asks for something is a FormDialog, one that asks yes or no a Confirm.
 */
export function Dialog({ open, onOpenChange, title, lead, children, side = 'middle', width = 'narrow', initialFocus }: DialogProps) {
  const { t } = useTranslation();
  const sheet = side === 'right';
  const body = useRef<HTMLDivElement>(null);
  return (
    <BaseDialog.Root open={open} onOpenChange={onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <BaseDialog.Popup
          // A field is what one came for. On a phone it would bring the keyboard up unasked.
          initialFocus={initialFocus ?? ((by) => (by === 'touch' ? true : (body.current?.querySelector<HTMLElement>('input:not([type=hidden], .sr-only), select, textarea') ?? true)))}
          className={`fixed z-50 flex flex-col overflow-hidden shadow-card transition-[opacity,transform,scale] duration-150 outline-none ${SIDES[side]} ${sheet ? 'bg-surface' : `bg-raised ${WIDTHS[width]}`}`}
        >
          <div className="flex items-start justify-between gap-3 px-5 pt-4 pb-3 sm:px-6">
            <div className="min-w-0 pt-1">
              <BaseDialog.Title className="text-lg leading-tight font-semibold text-balance">{title}</BaseDialog.Title>
              {lead !== undefined && <BaseDialog.Description className="mt-1 text-sm text-pretty text-muted">{lead}</BaseDialog.Description>}
            </div>
            <BaseDialog.Close
              render={
                <IconButton label={t('app.close')} className="-mr-2">
                  <X aria-hidden="true" className="size-5" />
                </IconButton>
              }
            />
          </div>
          <div ref={body} className={`min-h-0 flex-1 overflow-y-auto ${sheet ? '' : 'px-5 pb-5 sm:px-6 sm:pb-6'}`}>{children}</div>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

function Buttons({ children }: { children: ReactNode }) {
  return <div className="sticky -bottom-5 z-1 mt-4 -mb-5 flex flex-col-reverse gap-2 bg-raised pt-2 pb-5 sm:-bottom-6 sm:-mb-6 sm:flex-row sm:justify-end sm:pb-6">{children}</div>;
}

/** A dialog with a form: fields, cancel, and the button that says what happens. It stays open until the caller closes it. */
export function FormDialog({
  names,
  error,
  pending = false,
  submit,
  onSubmit,
  children,
  ...dialog
}: Omit<DialogProps, 'side'> & {
  names: readonly string[];
  error?: unknown;
  pending?: boolean;
  /** The words of the button that sends, e.g. "Transferir". */
  submit: string;
  onSubmit: (values: FormData) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <Dialog {...dialog}>
      <Form id={id} names={names} error={error} pending={pending} onSubmit={onSubmit}>
        {children}
        <Buttons>
          <Button onClick={() => dialog.onOpenChange(false)}>{t('app.cancel')}</Button>
          <Button type="submit" look="primary" disabled={pending}>
            {pending ? t('kit.working') : submit}
          </Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}

/** A question before something that cannot be undone. What can be undone is done at once, with a toast that undoes it. */
export function Confirm({
  yes,
  tone = 'primary',
  pending = false,
  onYes,
  ...dialog
}: Omit<DialogProps, 'side' | 'children' | 'width'> & {
  /** The words of the button that does it, e.g. "Excluir". */
  yes: string;
  tone?: 'primary' | 'danger';
  pending?: boolean;
  onYes: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog {...dialog}>
      <Buttons>
        <Button onClick={() => dialog.onOpenChange(false)}>{t('app.cancel')}</Button>
        <Button look={tone} disabled={pending} onClick={onYes}>
          {pending ? t('kit.working') : yes}
        </Button>
      </Buttons>
    </Dialog>
  );
}
