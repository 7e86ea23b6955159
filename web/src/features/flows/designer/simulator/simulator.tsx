import { ArrowLeft, BookmarkPlus, CircleStop, ListChecks, LocateFixed, Paperclip, Play, RotateCcw, SendHorizontal, Settings2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import { ApiError } from '@/api/problem';
import { connectionsQuery } from '@/api/queries/connections';
import type { Simulation, SimulationStep } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { CheckField } from '@/components/check-field';
import { Combobox, type Option } from '@/components/combobox';
import { Menu } from '@/components/menu';
import { useDates } from '@/i18n/format';
import { useDesk } from '../desk';
import { setPin } from '../document/edit';
import { useEditor } from '../editor';
import { CONTROL } from '../panel/setting';
import { useSay } from '../words';
import { Phone } from './phone';
import { KeepTestDialog, TestsDialog } from './tests-dialog';
import { MOST_STEPS, type Trial } from './trial';

const KINDS = ['image', 'audio', 'video', 'document', 'sticker', 'location'] as const;
const MIME = { image: 'image/jpeg', audio: 'audio/ogg', video: 'video/mp4', document: 'application/pdf', sticker: 'image/webp' } as const;
const MASP = { latitude: -23.5614, longitude: -46.6559, name: 'MASP' };

function sent(kind: (typeof KINDS)[number]): SimulationStep {
  return { send: kind === 'location' ? { kind, location: MASP } : { kind, media: { id: '1', mime: MIME[kind], size: 100_000 } } };
}

async function findContacts(text: string, signal: AbortSignal): Promise<Option[]> {
  const { data } = await ask(api.GET('/v1/contacts', { params: { query: { q: text, limit: 8 } }, signal }));
  return data.map(({ id, name, phone }) => ({ value: String(id), words: name, ...(phone != null && { hint: phone }) }));
}

/** An instant as a field for dates and times has it, on this machine's clock. */
function local(at: string | undefined): string {
  const date = new Date(at ?? '');
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Who writes, by which channel, and when. */
function Surroundings({ trial }: { trial: Trial }) {
  const say = useSay();
  const connections = useQuery(connectionsQuery);
  const [contact, setContact] = useState<Option | null>(null);
  const { world } = trial;
  const field = `mt-1 h-9 ${CONTROL}`;
  return (
    <div className="space-y-3 border-b border-line bg-sunken px-4 py-3 text-sm">
      <Combobox
        label={say('try.contact')}
        placeholder={say('try.newContact')}
        options={findContacts}
        value={contact}
        onChange={(chosen) => {
          setContact(chosen);
          trial.surround({ contact_id: chosen ? Number(chosen.value) : undefined });
        }}
      />
      {!contact && (
        <label className="block font-medium">
          {say('try.name')}
          <input value={world.contact?.name ?? ''} placeholder="Maria Souza" maxLength={200} onChange={(event) => trial.surround({ contact: event.target.value === '' ? undefined : { name: event.target.value } })} className={field} />
        </label>
      )}
      {(connections.data?.length ?? 0) > 1 && (
        <label className="block font-medium">
          {say('try.connection')}
          <select value={world.connection_id ?? connections.data?.[0]?.id} onChange={(event) => trial.surround({ connection_id: Number(event.target.value) })} className={field}>
            {connections.data?.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label className="block font-medium">
        {say('try.channel')}
        <select value={world.display ?? ''} onChange={(event) => trial.surround({ display: event.target.value === 'text' || event.target.value === 'whatsapp' ? event.target.value : undefined })} className={field}>
          <option value="">{say('try.channels.own')}</option>
          <option value="whatsapp">{say('try.channels.whatsapp')}</option>
          <option value="text">{say('try.channels.text')}</option>
        </select>
      </label>
      <label className="block font-medium">
        {say('try.now')}
        <input type="datetime-local" value={local(world.now)} onChange={(event) => event.target.value !== '' && trial.surround({ now: new Date(event.target.value).toISOString() })} className={field} />
      </label>
      <CheckField label={say('try.wroteBefore')} checked={world.first_contact === false} onChecked={(on) => trial.surround({ first_contact: on ? false : undefined })} />
      <CheckField label={say('try.windowClosed')} checked={world.window_closed === true} onChecked={(on) => trial.surround({ window_closed: on ? true : undefined })} />
    </div>
  );
}

/** The variables now. A new value is one more step of the conversation. */
function Variables({ played, onSet }: { played: Simulation; onSet: (name: string, value: unknown) => void }) {
  const say = useSay();
  const names = Object.keys(played.variables).sort();
  if (names.length === 0) return <p className="text-xs text-muted">{say('try.noVariables')}</p>;
  return (
    <ul className="space-y-1.5">
      {names.map((name) => {
        const value = played.variables[name];
        const shown = typeof value === 'string' ? value : JSON.stringify(value);
        return (
          <li key={name}>
            <label className="flex items-center gap-2 text-xs">
              <span className="w-28 shrink-0 truncate font-mono" title={name}>
                {name}
              </span>
              <input
                key={shown}
                defaultValue={shown}
                disabled={!played.running}
                onKeyDown={(event) => {
                  if (event.key === 'Enter') event.currentTarget.blur();
                }}
                onBlur={(event) => {
                  const text = event.target.value;
                  if (text !== shown) onSet(name, typeof value === 'string' ? text : parsed(text));
                }}
                className={`h-8 font-mono ${CONTROL}`}
              />
            </label>
          </li>
        );
      })}
    </ul>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A phone that talks with the draft, next to its drawing. Nothing reaches a person or another system. */
export default function Simulator({ flow, trial, chosen, sheet, onClose }: { flow: number; trial: Trial; chosen: string | undefined; sheet: boolean; onClose: () => void }) {
  const say = useSay();
  const desk = useDesk();
  const editor = useEditor();
  const dates = useDates();
  const [text, setText] = useState('');
  const [surroundings, setSurroundings] = useState(false);
  const [asked, setAsked] = useState<'keep' | 'tests'>();
  const field = useRef<HTMLInputElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const { played, steps } = trial;
  const wait = played?.wait;
  const next = wait?.until;
  const silence = wait?.for === 'reply' ? (wait.deadline ?? wait.until) : undefined;
  const shown = played?.steps.length ?? 0;
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
  }, []);
  // Newer browsers answer with a promise, which is no clean-up.
  useEffect(() => {
    void end.current?.scrollIntoView?.({ block: 'nearest' });
  }, [shown]);
  const pin = (node: string, answer: Parameters<typeof setPin>[2]) => editor.apply(setPin(editor.doc, node, answer));
  const skip = (step: SimulationStep, words: string) => (
    <Button className="!min-h-8 !px-2.5 !text-xs" onClick={() => trial.happen(step)}>
      {words}
    </Button>
  );
  return (
    <section aria-label={say('try.title')} className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex items-center gap-1 border-b border-line py-1.5 pr-2 pl-4">
        {sheet ? <span className="mr-auto" /> : <h2 className="mr-auto font-semibold">{say('try.title')}</h2>}
        <IconButton label={say('try.back')} disabled={steps.length === 0} onClick={trial.back}>
          <ArrowLeft aria-hidden="true" className="size-4.5" />
        </IconButton>
        <IconButton label={say('try.restart')} onClick={() => trial.restart()}>
          <RotateCcw aria-hidden="true" className="size-4.5" />
        </IconButton>
        <IconButton label={say('tests.keepTitle')} disabled={steps.length === 0} onClick={() => setAsked('keep')}>
          <BookmarkPlus aria-hidden="true" className="size-4.5" />
        </IconButton>
        <IconButton label={say('tests.title')} onClick={() => setAsked('tests')}>
          <ListChecks aria-hidden="true" className="size-4.5" />
        </IconButton>
        <IconButton label={say('try.surroundings')} aria-expanded={surroundings} onClick={() => setSurroundings(!surroundings)}>
          <Settings2 aria-hidden="true" className="size-4.5" />
        </IconButton>
        {!sheet && (
          <IconButton label={say('try.close')} onClick={onClose}>
            <X aria-hidden="true" className="size-4.5" />
          </IconButton>
        )}
      </header>
      {asked === 'keep' && <KeepTestDialog flow={flow} trial={trial} onClose={() => setAsked(undefined)} />}
      {asked === 'tests' && <TestsDialog flow={flow} trial={trial} onClose={() => setAsked(undefined)} />}
      <div className="min-h-0 flex-1 overflow-y-auto" data-simulator="">
        {surroundings && <Surroundings trial={trial} />}
        <div role="log" aria-label={say('try.conversation')} className="min-h-48 space-y-2 bg-canvas p-3">
          {steps.length === 0 && <p className="mx-auto max-w-[92%] rounded-lg bg-surface px-3 py-2 text-center text-xs text-pretty text-muted">{say('try.lead')}</p>}
          <Phone steps={steps} played={played} onTap={(tap) => trial.happen({ tap })} onAnswer={(answer) => trial.happen({ http: [answer] })} onPin={pin} />
          {trial.error && (
            <div role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
              <p>{say(keyOf(trial.error) === 'flow.has_errors' ? 'try.hasErrors' : keyOf(trial.error) === 'simulation.too_long' ? 'try.tooLong' : 'try.failed')}</p>
              <Button className="mt-1" onClick={trial.retry}>
                {say('try.again')}
              </Button>
            </div>
          )}
          <div ref={end} />
        </div>
        {played && steps.length > 0 && (
          <div className="space-y-2 border-t border-line px-4 py-3">
            <p className="flex items-center gap-2 text-xs">
              <LocateFixed aria-hidden="true" className="size-4 shrink-0 text-good" />
              {played.running && played.node !== undefined ? (
                <button type="button" className="min-w-0 truncate rounded text-left font-medium underline underline-offset-4" onClick={() => desk.flyTo(played.node!)}>
                  {say('try.at', { name: desk.names.nodeName(played.node) })}
                </button>
              ) : (
                <span className="text-muted">{say(played.outcome === undefined ? 'try.notStarted' : 'try.over')}</span>
              )}
              {next && <span className="ml-auto shrink-0 text-muted">{say('try.until', { at: dates.short(next, Date.parse(played.now)) })}</span>}
            </p>
            <details open={Object.keys(played.variables).length > 0}>
              <summary className="cursor-pointer text-xs font-semibold">{say('try.variables')}</summary>
              <div className="mt-2">
                <Variables played={played} onSet={(name, value) => trial.happen({ set: { [name]: value } })} />
              </div>
            </details>
          </div>
        )}
      </div>
      <div className="space-y-2 border-t border-line p-3">
        <div role="group" aria-label={say('try.time')} className="flex flex-wrap gap-1.5">
          {silence && skip({ until: silence }, say('try.silence'))}
          {skip({ wait: '1h' }, say('try.hour'))}
          {skip({ wait: '1d' }, say('try.day'))}
          {next && skip({ until: next }, say('try.next'))}
          {played?.ticket_open && skip({ ticket_closed: true }, say('try.closeTicket'))}
        </div>
        <form
          className="flex items-center gap-1.5"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() === '') return;
            trial.happen({ say: text });
            setText('');
          }}
        >
          <Menu
            label={say('try.more')}
            trigger={
              <IconButton label={say('try.more')}>
                <Paperclip aria-hidden="true" className="size-5" />
              </IconButton>
            }
            items={[
              { words: say('try.start'), icon: Play, onSelect: () => trial.happen({ start: {} }) },
              ...(chosen !== undefined ? [{ words: say('try.startHere', { name: desk.names.nodeName(chosen) }), icon: LocateFixed, onSelect: () => trial.restart([{ start: { node: chosen } }]) }] : []),
              ...KINDS.map((kind) => ({ words: say(`try.sends.${kind}`), icon: Paperclip, onSelect: () => trial.happen(sent(kind)) })),
              ...(played?.running ? [{ words: say('try.stop'), icon: CircleStop, onSelect: () => trial.happen({ stop: true }) }] : []),
            ]}
          />
          <input ref={field} value={text} aria-label={say('try.message')} placeholder={say('try.message')} maxLength={4096} disabled={steps.length >= MOST_STEPS} onChange={(event) => setText(event.target.value)} className={`h-10 min-w-0 flex-1 ${CONTROL}`} />
          <IconButton type="submit" label={say('try.send')} className="!bg-accent !text-on-accent">
            <SendHorizontal aria-hidden="true" className="size-5" />
          </IconButton>
        </form>
      </div>
    </section>
  );
}

function keyOf(error: Error): string | undefined {
  return error instanceof ApiError ? error.key : undefined;
}
