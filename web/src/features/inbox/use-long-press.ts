import { useEffect, useRef, type PointerEvent } from 'react';

/** How long a finger stays, and how far it may move meanwhile. */
const HOLD_MS = 450;
const SLIP_PX = 10;

/** Does something when a finger stays on a thing. `last` knows whether the pointer was a finger and whether it stayed. */
export function useLongPress(act: () => void) {
  const last = useRef({ touched: false, held: false });
  const begun = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(undefined);
  const stop = () => clearTimeout(begun.current?.timer);
  useEffect(() => () => clearTimeout(begun.current?.timer), []);
  const onPointerDown = (event: PointerEvent) => {
    stop();
    last.current = { touched: event.pointerType === 'touch', held: false };
    if (!last.current.touched) return;
    const hold = () => {
      last.current = { touched: true, held: true };
      act();
    };
    begun.current = { timer: setTimeout(hold, HOLD_MS), x: event.clientX, y: event.clientY };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (begun.current && Math.hypot(event.clientX - begun.current.x, event.clientY - begun.current.y) > SLIP_PX) stop();
  };
  return { last, handlers: { onPointerDown, onPointerMove, onPointerUp: stop, onPointerCancel: stop } };
}
