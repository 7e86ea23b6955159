import { Fragment, memo, useMemo, type ReactNode } from 'react';
import { parseMessage, type Inline } from './whatsapp-text';

function draw(parts: Inline[]): ReactNode {
  return parts.map((part, index) => {
    switch (part.kind) {
      case 'text':
        return <Fragment key={index}>{part.text}</Fragment>;
      case 'bold':
        return <strong key={index}>{draw(part.children)}</strong>;
      case 'italic':
        return <em key={index}>{draw(part.children)}</em>;
      case 'strike':
        return <s key={index}>{draw(part.children)}</s>;
      case 'code':
        return (
          <code key={index} className="rounded bg-ink/8 px-1 py-0.5 font-mono text-[0.92em]">
            {part.text}
          </code>
        );
      case 'link':
        return (
          <a
            key={index}
            href={part.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="break-all text-info underline underline-offset-2"
          >
            {part.text}
          </a>
        );
    }
  });
}

/** What a person wrote, with WhatsApp's marks, drawn as nodes: no word of it can become markup. */
export const MessageText = memo(function MessageText({ text, className }: { text: string; className?: string }) {
  const blocks = useMemo(() => parseMessage(text), [text]);
  return (
    <div className={`space-y-1 break-words [overflow-wrap:anywhere] ${className ?? ''}`} dir="auto">
      {blocks.map((block, index) => {
        switch (block.kind) {
          case 'paragraph':
            return (
              <p key={index} className="whitespace-pre-wrap">
                {draw(block.children)}
              </p>
            );
          case 'quote':
            return (
              <blockquote key={index} className="border-l-3 border-line-strong pl-2 text-muted">
                {draw(block.children)}
              </blockquote>
            );
          case 'list': {
            const items = block.items.map((item, at) => <li key={at}>{draw(item)}</li>);
            return block.ordered ? (
              <ol key={index} start={block.start} className="list-decimal pl-6">
                {items}
              </ol>
            ) : (
              <ul key={index} className="list-disc pl-5">
                {items}
              </ul>
            );
          }
          case 'code':
            return (
              <pre key={index} className="overflow-x-auto rounded bg-ink/8 p-2 font-mono text-[0.88em] whitespace-pre-wrap">
                {block.text}
              </pre>
            );
        }
      })}
    </div>
  );
});
