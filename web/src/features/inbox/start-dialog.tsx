import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleUserRound, Phone } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { conversationKeys } from '@/api/queries/conversations';
import { queuesQuery } from '@/api/queries/queues';
import { useMe } from '@/api/queries/sign-in';
import { newestConversationOf, searchContacts, sendingConnectionsQuery, startConversation } from '@/api/queries/start';
import { freshRef } from '@/api/queries/tickets';
import type { Contact, Content } from '@/api/types';
import { Button } from '@/components/button';
import { Combobox, type Option } from '@/components/combobox';
import { Dialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { phoneDigits } from '@/i18n/documents';
import { phoneNumber } from '@/i18n/format';
import { composing } from './composer/compose';

const TemplatePicker = lazy(() => import('./composer/template-picker'));
const ScheduleDialog = lazy(() => import('@/components/scheduled/schedule-dialog'));

// The composer keeps what is written by conversation; here there is none yet.
const PLACE = 0;
const INPUT = 'start-template';

/** Who is written to: a contact that is known, or a number that is not. */
type Person = { contact: Contact; phone?: never } | { phone: string; contact?: never };

function optionOf(contact: Contact): Option {
  return { value: `contact:${contact.id}`, words: contact.name || phoneNumber(contact.phone ?? ''), ...(contact.phone && { hint: phoneNumber(contact.phone) }) };
}

/**
 * Begins service by writing first (rules 160 to 166, 246, 258): the person is found by name or number and confirmed, a connection
 * and a queue are chosen, a template is filled in and seen, and the ticket opens or not.
 */
export default function StartDialog({ phone, onClose }: { phone: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const [person, setPerson] = useState<Person | undefined>(() => {
    const digits = phone === undefined ? undefined : phoneDigits(phone);
    return digits === undefined ? undefined : { phone: digits };
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('start.title')} lead={person ? undefined : t('start.lead')} width="wide">
      {person ? <Begin person={person} onOther={() => setPerson(undefined)} onClose={onClose} /> : <Find onFound={setPerson} />}
    </Dialog>
  );
}

function Find({ onFound }: { onFound: (person: Person) => void }) {
  const { t } = useTranslation();
  const [contacts] = useState(() => new Map<string, Contact>());
  const search = useCallback(
    async (text: string, signal: AbortSignal): Promise<readonly Option[]> => {
      const found = text === '' ? [] : await searchContacts(text, signal);
      for (const each of found) contacts.set(`contact:${each.id}`, each);
      const digits = phoneDigits(text);
      // A number that nobody has yet is somebody new.
      const fresh: Option[] = digits !== undefined && found.length === 0 ? [{ value: `phone:${digits}`, words: t('start.newContact', { phone: phoneNumber(digits) }), hint: t('start.newContactHint') }] : [];
      return [...found.map(optionOf), ...fresh];
    },
    [contacts, t],
  );
  return (
    <>
      <Combobox
        label={t('start.person')}
        placeholder={t('start.personPlaceholder')}
        options={search}
        value={null}
        onChange={(option) => {
          const contact = option && contacts.get(option.value);
          if (contact) onFound({ contact });
          else if (option) onFound({ phone: option.value.replace('phone:', '') });
        }}
      />
      <p className="mt-2 text-xs text-muted">{t('start.foreign')}</p>
    </>
  );
}

function Begin({ person, onOther, onClose }: { person: Person; onOther: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { user } = useMe();
  const connections = useQuery(sendingConnectionsQuery);
  const queues = useQuery(queuesQuery);
  const latest = useQuery({
    queryKey: [...conversationKeys.all, 'latest-of', person.contact?.id],
    queryFn: () => newestConversationOf(person.contact?.id ?? 0),
    enabled: person.contact !== undefined,
  });
  const [name, setName] = useState('');
  const [picked, setPicked] = useState('');
  const [queue, setQueue] = useState('');
  const [open, setOpen] = useState(true);
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const [later, setLater] = useState<Content>();
  // The same reference however often it is tried: one message.
  const [reference] = useState(freshRef);
  useEffect(() => () => composing.fill(PLACE), []);

  const usable = (connections.data ?? []).filter(({ state }) => state !== 'removed');
  // Explicit choice, then the user's own, then the account's (rule 246).
  const fallback = usable.find((each) => each.is_mine) ?? usable.find((each) => each.is_default) ?? usable[0];
  const connection = picked === '' ? fallback?.id : Number(picked);
  const called = person.contact ? person.contact.name || phoneNumber(person.contact.phone ?? '') : name;
  const place = { id: PLACE, window_open: false, connection: { id: connection ?? 0 }, contact: { name: called } };

  const send = async (content: Content) => {
    if (pending) return;
    setPending(true);
    setError(undefined);
    try {
      const { conversation } = await startConversation({
        ...(person.contact ? { contact_id: person.contact.id } : { phone: `+${person.phone}` }),
        ...(name.trim() !== '' && { name: name.trim() }),
        ...(connection !== undefined && { connection_id: connection }),
        open,
        ...(open && queue !== '' && { queue_id: Number(queue) }),
        ...(open && queue === '' && { agent_id: user.id }),
        content,
        client_ref: reference,
      });
      onClose();
      await navigate({ to: '/conversas/$number', params: { number: String(conversation.number) } });
      void client.invalidateQueries({ queryKey: conversationKeys.lists });
    } catch (why) {
      setError(why);
      setPending(false);
    }
  };
  const there = latest.data;
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center gap-3 rounded-xl border border-line bg-sunken px-4 py-3">
        {person.contact ? <CircleUserRound aria-hidden="true" className="size-5 text-accent" /> : <Phone aria-hidden="true" className="size-5 text-accent" />}
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{person.contact ? called : t('start.unknown')}</p>
          <p className="tabular text-sm text-muted">
            {[phoneNumber(person.contact?.phone ?? person.phone ?? ''), person.contact?.email].filter(Boolean).join(' · ')}
          </p>
        </div>
        <Button look="quiet" onClick={onOther}>
          {t('start.other')}
        </Button>
      </div>
      {there?.window_open && (
        <div className="flex flex-wrap items-center justify-between gap-2 rounded-lg bg-good-soft px-3 py-2 text-sm text-good">
          {t('start.windowOpen')}
          <Button
            onClick={() => {
              onClose();
              void navigate({ to: '/conversas/$number', params: { number: String(there.number) } });
            }}
          >
            {t('start.goThere')}
          </Button>
        </div>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        {!person.contact && <TextField label={t('contact.name')} name="name" optional maxLength={200} value={name} onValue={setName} />}
        {usable.length > 1 && (
          <SelectField
            label={t('start.connection')}
            name="connection_id"
            value={String(connection ?? '')}
            onValue={setPicked}
            options={usable.map((each) => ({ value: String(each.id), words: each.name }))}
          />
        )}
        {open && (
          <SelectField
            label={t('acts.queue')}
            name="queue_id"
            optional
            value={queue}
            onValue={setQueue}
            options={[{ value: '', words: t('start.noQueue') }, ...(queues.data ?? []).map((each) => ({ value: String(each.id), words: each.name }))]}
          />
        )}
      </div>
      <div className="text-sm">
        <label className="flex min-h-6 items-center gap-2 font-medium">
          <input type="checkbox" checked={open} onChange={(event) => setOpen(event.target.checked)} className="size-4 accent-(--color-accent)" />
          {t('start.open')}
        </label>
        <p className="pl-6 text-xs text-muted">{open ? t('start.openHint') : t('start.notOpenHint')}</p>
      </div>
      {error !== undefined && (
        <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
          {error instanceof ApiError ? (error.fields[0]?.message ?? error.sayWith(t)) : t('error.unknown')}
        </p>
      )}
      {connections.isError ? (
        <ErrorState error={connections.error} onRetry={() => void connections.refetch()} />
      ) : connections.isSuccess && connection === undefined ? (
        <p className="text-sm text-muted">{t('start.noConnection')}</p>
      ) : connection === undefined ? (
        <LoadingRows rows={2} className="p-0" />
      ) : (
        <Suspense fallback={<LoadingRows rows={3} className="p-0" />}>
          <TemplatePicker key={connection} conversation={place} inputId={INPUT} after="send" choices={['send']} words={pending ? t('kit.working') : t('start.begin')} onSend={(content) => void send(content)} onSchedule={setLater} />
        </Suspense>
      )}
      {later && (
        <Suspense fallback={null}>
          <ScheduleDialog
            whose={{
              ...(person.contact ? { contact_ids: [person.contact.id] } : { phone: `+${person.phone}` }),
              ...(name.trim() !== '' && { name: name.trim() }),
              ...(connection !== undefined && { connection_id: connection }),
            }}
            contents={[later]}
            open={open}
            onClose={() => setLater(undefined)}
            onDone={([made]) => {
              onClose();
              if (made) void navigate({ to: '/conversas/$number', params: { number: String(made.conversation.number) } });
              void client.invalidateQueries({ queryKey: conversationKeys.lists });
            }}
          />
        </Suspense>
      )}
    </div>
  );
}
