/** The colour that people gave to a queue or a label, before its name. */
export function ColorDot({ color }: { color: string }) {
  return <span aria-hidden="true" className="size-3 shrink-0 rounded-full ring-1 ring-line-strong/40" style={{ background: color }} />;
}
