import { useSay } from '../words';
import { CONTROL, type ControlIds } from './setting';

const UNITS = ['s', 'm', 'h', 'd'] as const;
const NAMES = { s: 'units.seconds', m: 'units.minutes', h: 'units.hours', d: 'units.days' } as const;

/** A length of time of one unit; undefined when it is written otherwise: “1d12h”. */
export function simpleDuration(value: unknown): { count: string; unit: (typeof UNITS)[number] } | undefined {
  if (value === undefined || value === '') return { count: '', unit: 'm' };
  if (typeof value === 'number') return { count: String(value), unit: 's' };
  const match = typeof value === 'string' ? /^\s*(\d+)\s*([smhd])\s*$/.exec(value) : null;
  return match ? { count: match[1]!, unit: match[2] as (typeof UNITS)[number] } : undefined;
}

/** A length of time: a number and its unit. One of several units is written as it is. */
export function DurationInput({ value, onValue, ids, name }: { value: unknown; onValue: (value: string | undefined) => void; ids: ControlIds; name: string }) {
  const say = useSay();
  const simple = simpleDuration(value);
  if (!simple) {
    return <input {...ids} type="text" value={typeof value === 'string' ? value : ''} onChange={(event) => onValue(event.target.value === '' ? undefined : event.target.value)} className={`h-9 ${CONTROL}`} />;
  }
  const { count, unit } = simple;
  return (
    <div className="flex gap-2">
      <input
        {...ids}
        type="number"
        min={0}
        value={count}
        onChange={(event) => onValue(event.target.value === '' ? undefined : `${Math.max(0, Math.round(Number(event.target.value)))}${unit}`)}
        className={`h-9 max-w-28 ${CONTROL}`}
      />
      <select aria-label={say('units.of', { name })} value={unit} onChange={(event) => onValue(`${count === '' ? '1' : count}${event.target.value}`)} className={`h-9 ${CONTROL}`}>
        {UNITS.map((each) => (
          <option key={each} value={each}>
            {say(NAMES[each])}
          </option>
        ))}
      </select>
    </div>
  );
}
