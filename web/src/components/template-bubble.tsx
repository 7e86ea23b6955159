import type { Content } from '@/api/types';
import { MessageText } from './message-text';

/** A template as WhatsApp draws it, with its words filled in as far as they are known. */
export function TemplateBubble({ content, buttons = [] }: { content: Content; buttons?: readonly string[] }) {
  const words = content.header && 'text' in content.header ? content.header.text : undefined;
  const shown = content.buttons?.map((each) => each.title) ?? buttons;
  return (
    <div className="riverbed rounded-xl border border-line p-3">
      <div className="w-fit max-w-full rounded-2xl rounded-bl-md bg-raised px-3 py-2 shadow-bubble">
        {words && <p className="mb-1 font-semibold wrap-anywhere">{words}</p>}
        <MessageText text={content.text ?? content.template?.name ?? ''} className="text-sm wrap-anywhere whitespace-pre-wrap" />
        {content.footer && <p className="mt-1 text-xs text-muted">{content.footer}</p>}
        {shown.length > 0 && (
          <ul className="mt-1.5 space-y-1">
            {shown.map((title, index) => (
              <li key={index} className="rounded-lg bg-ink/5 px-3 py-1.5 text-center text-sm font-medium text-accent-strong">
                {title}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
