import type { ReactNode } from 'react';

/** What a badge means, not how it looks. */
export type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad' | 'info';

const TONES: Record<Tone, string> = {
  neutral: 'bg-sunken text-muted',
  accent: 'bg-accent-soft text-accent-strong',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
};

/** A short state in words; the tone only repeats what the words say. */
export function Badge({ tone = 'neutral', children, title, className }: { tone?: Tone; children: ReactNode; title?: string; className?: string }) {
  return (
    <span
      title={title}
      className={`tabular inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap ${TONES[tone]} ${className ?? ''}`}
    >
      {children}
    </span>
  );
}

/** A dot before a state, for lists of cards. */
export function Dot({ tone }: { tone: Tone }) {
  const colors: Record<Tone, string> = {
    neutral: 'bg-faint',
    accent: 'bg-accent',
    good: 'bg-good',
    warn: 'bg-warn',
    bad: 'bg-bad',
    info: 'bg-info',
  };
  return <span aria-hidden="true" className={`inline-block size-2 shrink-0 rounded-full ${colors[tone]}`} />;
}
