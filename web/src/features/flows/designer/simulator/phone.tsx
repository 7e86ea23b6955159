import { Clock3, FileText, ShoppingBag, Flag, Headset, Info, MapPin, Pin, PinOff, Globe, UserRound } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { SimulatedCall, SimulatedMessage, Simulation, SimulationAnswer, SimulationStep } from '@/api/types';
import { Button } from '@/components/button';
import { MessageText } from '@/components/message-text';
import { useDates } from '@/i18n/format';
import { useDesk } from '../desk';
import { CONTROL } from '../panel/setting';
import { useSay, type Say } from '../words';

const FILES = new Set(['image', 'video', 'audio', 'voice', 'document', 'sticker']);

/** What the contact did, in words. */
export function stepWords(say: Say, step: SimulationStep, played: Simulation['steps'][number] | undefined, titles: ReadonlyMap<string, string>): { words: string; contact: boolean } {
  if (step.say !== undefined && step.say !== '') return { words: step.say, contact: true };
  if (step.tap !== undefined && step.tap !== '') return { words: titles.get(step.tap) ?? step.tap, contact: true };
  if (step.send) return { words: say(`try.sends.${step.send.kind}`), contact: true };
  if (step.start) return { words: step.start.node === undefined ? say('try.didStart') : say('try.didStartAt'), contact: false };
  if (step.wait !== undefined || step.until !== undefined) return { words: say('try.didWait', { at: played ? new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' }).format(new Date(played.at)) : '…' }), contact: false };
  if (step.ticket_closed) return { words: say('try.didClose'), contact: false };
  if (step.set) return { words: say('try.didSet', { name: Object.keys(step.set).join(', ') }), contact: false };
  if (step.move_to !== undefined) return { words: say('try.didStartAt'), contact: false };
  return { words: say(step.stop ? 'try.didStop' : 'try.didAnswer'), contact: false };
}

function Message({ message, onTap }: { message: SimulatedMessage; onTap: ((option: string) => void) | undefined }) {
  const say = useSay();
  const dates = useDates();
  const choices = [...(message.buttons ?? []), ...(message.rows ?? [])];
  return (
    <div className="w-[88%]">
      <div className="rounded-2xl rounded-tl-sm bg-bubble-in px-3 py-2 text-sm shadow-bubble">
        {message.header !== undefined && <p className="font-semibold">{message.header}</p>}
        {(FILES.has(message.kind) || (message.file !== undefined && message.file !== '')) && (
          <p className="my-1 flex items-center gap-2 rounded-lg bg-ink/8 px-2 py-2 text-xs text-muted">
            <FileText aria-hidden="true" className="size-4 shrink-0" />
            <span className="truncate">{message.file || say(`try.files.${message.kind as 'image'}`)}</span>
          </p>
        )}
        {(message.kind === 'location' || message.kind === 'contacts') && (
          <p className="flex items-center gap-2 text-muted">
            {message.kind === 'location' ? <MapPin aria-hidden="true" className="size-4" /> : <UserRound aria-hidden="true" className="size-4" />}
            {message.about}
          </p>
        )}
        {message.text !== undefined && <MessageText text={message.text} />}
        {message.items?.map((id) => (
          <p key={id} className="mt-1 flex items-center gap-2 text-xs text-muted">
            <ShoppingBag aria-hidden="true" className="size-4 shrink-0" />
            {id}
          </p>
        ))}
        {message.cards !== undefined && (
          <ol className="mt-1 flex gap-2 overflow-x-auto pb-1">
            {message.cards.map((card, place) => (
              <li key={place} className="w-36 shrink-0 space-y-1 rounded-lg bg-ink/8 p-2 text-xs">
                <p className="flex items-center gap-1.5 text-muted">
                  <FileText aria-hidden="true" className="size-4 shrink-0" />
                  <span className="truncate">{card.file}</span>
                </p>
                {card.text !== undefined && <MessageText text={card.text} />}
                <p className="font-medium break-all text-accent-strong">↗ {card.link_text}</p>
              </li>
            ))}
          </ol>
        )}
        {message.footer !== undefined && <p className="mt-1 text-xs text-muted">{message.footer}</p>}
        {message.link !== undefined && <p className="mt-1 text-xs font-medium break-all text-accent-strong">↗ {message.link_text} · {message.link}</p>}
        <p className="mt-0.5 text-right text-[0.6875rem] text-muted">{dates.time(message.at)}</p>
      </div>
      {choices.length > 0 && (
        <ul className="mt-1 space-y-1" aria-label={message.list ?? say('try.choices')}>
          {choices.map((choice) => (
            <li key={choice.id}>
              <button
                type="button"
                disabled={!onTap}
                onClick={() => onTap?.(choice.id)}
                className="w-full rounded-xl bg-bubble-in px-3 py-1.5 text-sm font-medium text-accent-strong shadow-bubble hover:bg-sunken disabled:cursor-default disabled:text-muted"
              >
                {choice.title}
                {choice.description !== undefined && <span className="block text-xs font-normal text-muted">{choice.description}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Line({ icon, children, tone = 'text-muted' }: { icon: ReactNode; children: ReactNode; tone?: string }) {
  return (
    <p className={`mx-auto flex max-w-[92%] items-start gap-1.5 rounded-lg bg-surface px-2.5 py-1 text-xs ${tone}`}>
      <span className="mt-px shrink-0">{icon}</span>
      <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>
    </p>
  );
}

/** A request to another system: what it would say, and who answers it. */
function Call({ call, asks, onAnswer, onPin }: { call: SimulatedCall; asks: boolean; onAnswer: (answer: SimulationAnswer) => void; onPin: (answer: SimulationAnswer | undefined) => void }) {
  const say = useSay();
  const desk = useDesk();
  const [status, setStatus] = useState('200');
  const [body, setBody] = useState('{}');
  const code = Number(status);
  const valid = Number.isInteger(code) && code >= 100 && code <= 599;
  const answer: SimulationAnswer = { status: code, body };
  return (
    <div className="rounded-xl border border-line bg-surface p-3 text-sm">
      <p className="flex items-center gap-2 font-medium">
        <Globe aria-hidden="true" className="size-4 shrink-0 text-info" />
        {say('try.call', { name: desk.names.nodeName(call.node) })}
      </p>
      <p className="mt-1 font-mono text-xs break-all text-muted">{call.text.split('\n')[0]}</p>
      {call.pinned && (
        <div className="mt-2 flex items-center justify-between gap-2">
          <span className="flex items-center gap-1.5 text-xs text-warn">
            <Pin aria-hidden="true" className="size-3.5" />
            {say('try.pinned', { status: call.answer?.error ?? call.answer?.status ?? 200 })}
          </span>
          <Button look="quiet" onClick={() => onPin(undefined)}>
            <PinOff aria-hidden="true" className="size-4" />
            {say('try.unpin')}
          </Button>
        </div>
      )}
      {asks && (
        <div className="mt-2 space-y-2">
          <p className="text-xs text-muted">{say('try.callLead')}</p>
          <div className="flex gap-2">
            <label className="w-20 text-xs">
              {say('try.status')}
              <input inputMode="numeric" value={status} onChange={(event) => setStatus(event.target.value)} aria-invalid={valid ? undefined : true} className={`h-9 ${CONTROL}`} />
            </label>
            <label className="min-w-0 flex-1 text-xs">
              {say('try.body')}
              <textarea rows={2} value={body} onChange={(event) => setBody(event.target.value)} className={`py-1.5 font-mono ${CONTROL}`} />
            </label>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button look="primary" disabled={!valid} onClick={() => onAnswer(answer)}>
              {say('try.answer')}
            </Button>
            <Button disabled={!valid} onClick={() => onPin(answer)}>
              <Pin aria-hidden="true" className="size-4" />
              {say('try.pin')}
            </Button>
            <Button look="quiet" onClick={() => onAnswer({ error: 'timeout' })}>
              {say('try.callTimeout')}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}

/** The conversation so far, as the contact's phone would show it, with what agents and other systems would get between. */
export function Phone({
  steps,
  played,
  onTap,
  onAnswer,
  onPin,
}: {
  steps: readonly SimulationStep[];
  played: Simulation | undefined;
  onTap: (option: string) => void;
  onAnswer: (answer: SimulationAnswer) => void;
  onPin: (node: string, answer: SimulationAnswer | undefined) => void;
}) {
  const say = useSay();
  const titles = new Map(played?.steps.flatMap((step) => step.messages.flatMap((message) => [...(message.buttons ?? []), ...(message.rows ?? [])].map(({ id, title }) => [id, title] as const))));
  const waits = played?.wait?.for === 'call' ? played.wait.node : undefined;
  return (
    <ol className="space-y-2">
      {steps.map((step, place) => {
        const came = played?.steps[place];
        const did = stepWords(say, step, came, titles);
        return (
          <li key={place} className="space-y-2">
            {did.contact ? (
              <p className="ml-auto w-fit max-w-[88%] rounded-2xl rounded-tr-sm bg-bubble-out px-3 py-2 text-sm [overflow-wrap:anywhere] whitespace-pre-wrap shadow-bubble">{did.words}</p>
            ) : (
              <Line icon={<Clock3 aria-hidden="true" className="size-3.5" />}>{did.words}</Line>
            )}
            {came?.refused !== undefined && (
              <Line icon={<Info aria-hidden="true" className="size-3.5" />} tone="text-warn">
                {say(`try.refused.${came.refused}`)}
              </Line>
            )}
            {came?.messages.map((message, index) => (
              <Message key={index} message={message} onTap={onTap} />
            ))}
            {came?.calls.map((call, index) => (
              <Call
                key={index}
                call={call}
                asks={waits === call.node && call.answer === undefined && call.waits && index === came.calls.length - 1 && !played?.steps.slice(place + 1).some((later) => later.calls.length > 0)}
                onAnswer={onAnswer}
                onPin={(answer) => onPin(call.node, answer)}
              />
            ))}
            {Object.entries(came?.fields ?? {}).map(([name, value]) => (
              <Line key={name} icon={<UserRound aria-hidden="true" className="size-3.5" />}>
                {name} = {JSON.stringify(value)}
              </Line>
            ))}
            {[...(came?.labels ?? []), ...(came?.notes ?? [])].map((line, index) => (
              <Line key={index} icon={<Info aria-hidden="true" className="size-3.5" />}>
                {line}
              </Line>
            ))}
            {came?.lines?.map((line, index) => (
              <Line key={index} icon={<Info aria-hidden="true" className="size-3.5" />} tone="text-warn">
                {line.startsWith('(no trigger') ? say('try.nothingStarts') : line}
              </Line>
            ))}
            {came?.ticket !== undefined && <Line icon={<Headset aria-hidden="true" className="size-3.5" />}>{say('try.ticket')}</Line>}
            {came?.end !== undefined && <Line icon={<Flag aria-hidden="true" className="size-3.5" />}>{say('try.ended', { how: came.end })}</Line>}
          </li>
        );
      })}
    </ol>
  );
}
