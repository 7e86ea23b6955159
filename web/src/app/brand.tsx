/** The mark: a P that stands over running water. *Rio perene* is a river that never dries. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#12596a" />
      <path
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
        d="M11.5 19V7.5h5.2a4.9 4.9 0 0 1 0 9.8h-5.2"
      />
      <path fill="none" stroke="#8fd3d9" strokeWidth="3" strokeLinecap="round" d="M6 24.2c2.3-2 4.4-2 6.7 0s4.4 2 6.6 0 4.4-2 6.7 0" />
    </svg>
  );
}

/** The mark with the name, for the sign-in page and wide rails. */
export function Wordmark({ className }: { className?: string }) {
  return (
    <span className={`inline-flex items-center gap-2.5 ${className ?? ''}`}>
      <Mark className="size-9" />
      <span className="text-2xl font-semibold tracking-tight">Perene</span>
    </span>
  );
}
