import { useLayoutEffect, useRef, type ClipboardEvent, type KeyboardEvent, type RefObject } from 'react';
import { preferences } from '@/app/preferences';

/** Whether Enter on this machine sends: never where it is typed on glass. */
function enterSends(): boolean {
  return preferences().enterSends && !matchMedia('(pointer: coarse)').matches;
}

/** The field in which people write. It grows with its text, up to a third of the screen. */
export function TextBox({
  id,
  label,
  placeholder,
  value,
  onValue,
  onSend,
  onKey,
  onFiles,
  onCaret,
  readOnly = false,
  boxRef,
  listbox = {},
  className,
}: {
  id: string;
  label: string;
  placeholder: string;
  value: string;
  onValue: (value: string, caret: number) => void;
  onSend: () => void;
  /** Sees a key first; true means that it was used. */
  onKey?: (event: KeyboardEvent<HTMLTextAreaElement>) => boolean;
  onFiles?: (files: File[]) => void;
  onCaret?: (caret: number) => void;
  readOnly?: boolean;
  boxRef?: RefObject<HTMLTextAreaElement | null>;
  listbox?: { 'aria-controls'?: string; 'aria-activedescendant'?: string };
  className?: string;
}) {
  const own = useRef<HTMLTextAreaElement>(null);
  const box = boxRef ?? own;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [value, box]);
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0 || !onFiles) return;
    event.preventDefault();
    onFiles(files);
  };
  return (
    <textarea
      id={id}
      ref={box}
      rows={1}
      aria-label={label}
      aria-autocomplete="list"
      {...listbox}
      placeholder={placeholder}
      value={value}
      readOnly={readOnly}
      dir="auto"
      enterKeyHint="enter"
      onChange={(event) => onValue(event.target.value, event.target.selectionStart)}
      onSelect={(event) => onCaret?.(event.currentTarget.selectionStart)}
      onPaste={paste}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (onKey?.(event)) return;
        if (event.key === 'Escape') {
          event.currentTarget.blur();
          event.stopPropagation();
          return;
        }
        if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
        if (!(event.ctrlKey || event.metaKey || enterSends())) return;
        event.preventDefault();
        onSend();
      }}
      className={`block max-h-[33dvh] min-h-10 w-full resize-none overflow-y-auto bg-transparent px-1 py-2 text-[0.9375rem] leading-6 outline-none placeholder:text-faint ${className ?? ''}`}
    />
  );
}
