import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CalendarClock, Pencil, Trash2, UserRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addContactNote, changeContactNote, contactNoteKeys, contactNotesQuery, deleteContactNote } from '@/api/queries/contact-notes';
import { agentsQuery } from '@/api/queries/agents';
import { useMe } from '@/api/queries/sign-in';
import type { ContactNote } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { Confirm } from '@/components/dialog';
import { TextArea, TextField } from '@/components/field';
import { Form } from '@/components/form';
import { SelectField } from '@/components/select-field';
import { toast } from '@/components/toast';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { Section } from './details-section';

/** What the team keeps about a contact, with a date and somebody to look after it (rules 188, 255). */
export function Notes({ contact }: { contact: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayWrite = useMe().permissions.includes('contacts:write');
  const notes = useQuery(contactNotesQuery(contact));
  const [leaving, setLeaving] = useState<ContactNote>();
  const [writing, setWriting] = useState(false);
  const [changing, setChanging] = useState<number>();
  const reread = () => client.invalidateQueries({ queryKey: contactNoteKeys.of(contact) });
  return (
    <Section
      title={t('contact.notes')}
      action={
        mayWrite &&
        !writing && (
          <Button look="quiet" className="min-h-7 px-2 text-xs" onClick={() => setWriting(true)}>
            {t('contact.addNote')}
          </Button>
        )
      }
    >
      {writing && (
        <NoteForm
          contact={contact}
          onClose={() => setWriting(false)}
          onSaved={() => {
            setWriting(false);
            void reread();
          }}
        />
      )}
      {notes.isPending ? (
        <LoadingRows rows={1} className="p-0" />
      ) : notes.isError ? (
        <ErrorState error={notes.error} onRetry={() => void notes.refetch()} />
      ) : notes.data.length === 0 ? (
        !writing && <p className="text-sm text-muted">{t('contact.noNotes')}</p>
      ) : (
        <ul aria-label={t('contact.notes')} className="space-y-2">
          {notes.data.map((note) =>
            note.id === changing ? (
              <li key={note.id} className="rounded-xl border border-line bg-raised px-3 py-2">
                <NoteForm
                  contact={contact}
                  note={note}
                  onClose={() => setChanging(undefined)}
                  onSaved={() => {
                    setChanging(undefined);
                    void reread();
                  }}
                />
              </li>
            ) : (
              <NoteCard key={note.id} note={note} {...(mayWrite && { onEdit: () => setChanging(note.id), onDelete: () => setLeaving(note) })} />
            ),
          )}
        </ul>
      )}
      {leaving && (
        <Confirm
          open
          onOpenChange={() => setLeaving(undefined)}
          title={t('contact.deleteNoteAsk')}
          yes={t('contact.deleteNoteYes')}
          tone="danger"
          onYes={() => {
            setLeaving(undefined);
            deleteContactNote(leaving.id).then(
              () => void reread(),
              () => toast({ words: t('contact.deleteNoteFailed'), tone: 'bad' }),
            );
          }}
        />
      )}
    </Section>
  );
}

function NoteCard({ note, onEdit, onDelete }: { note: ContactNote; onEdit?: () => void; onDelete?: () => void }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const late = note.due_at !== undefined && Date.parse(note.due_at) < now;
  return (
    <li className="rounded-xl border border-line bg-raised px-3 py-2">
      <p className="text-sm wrap-anywhere whitespace-pre-wrap">{note.text}</p>
      <div className="mt-1 flex items-end justify-between gap-2">
        <div className="space-y-0.5 text-xs text-muted">
          {note.due_at && (
            <p className={`tabular flex items-center gap-1 ${late ? 'font-medium text-bad' : ''}`}>
              <CalendarClock aria-hidden="true" className="size-3.5" />
              {t(late ? 'contact.noteLate' : 'contact.noteDue', { when: dates.short(note.due_at, now) })}
            </p>
          )}
          {note.agent && (
            <p className="flex items-center gap-1">
              <UserRound aria-hidden="true" className="size-3.5" />
              {t('contact.noteFor', { name: note.agent.name })}
            </p>
          )}
          <p className="tabular" title={dates.full(note.created_at)}>
            {t('contact.noteBy', { name: note.author?.name ?? t('acts.nobody'), when: dates.short(note.created_at, now) })}
          </p>
        </div>
        {onEdit && onDelete && (
          <span className="flex gap-1">
            <IconButton label={t('contact.editNote')} className="size-7" onClick={onEdit}>
              <Pencil aria-hidden="true" className="size-4" />
            </IconButton>
            <IconButton label={t('contact.deleteNote')} className="size-7" onClick={onDelete}>
              <Trash2 aria-hidden="true" className="size-4" />
            </IconButton>
          </span>
        )}
      </div>
    </li>
  );
}

/** An instant as a field of date and time has it: by this machine's clock, to the minute. */
function localMinute(at: string): string {
  const then = new Date(at);
  return new Date(then.getTime() - then.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Writes a note, or changes one. */
function NoteForm({ contact, note, onClose, onSaved }: { contact: number; note?: ContactNote; onClose: () => void; onSaved: () => void }) {
  const { t } = useTranslation();
  const agents = useQuery(agentsQuery);
  const [text, setText] = useState(note?.text ?? '');
  const [due, setDue] = useState(note?.due_at === undefined ? '' : localMinute(note.due_at));
  const [agent, setAgent] = useState(note?.agent === undefined ? '' : String(note.agent.id));
  const [empty, setEmpty] = useState(false);
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const save = async () => {
    setEmpty(text.trim() === '');
    if (text.trim() === '') return;
    setPending(true);
    try {
      const body = { text: text.trim(), ...(due !== '' && { due_at: new Date(due).toISOString() }) };
      if (note) await changeContactNote(note.id, { ...body, agent_id: Number(agent) });
      else await addContactNote(contact, { ...body, ...(agent !== '' && { agent_id: Number(agent) }) });
      onSaved();
    } catch (why) {
      setError(why);
      setPending(false);
    }
  };
  return (
    <Form names={['text', 'due_at', 'agent_id']} error={error} pending={pending} onSubmit={() => void save()} className={`space-y-3 ${note ? '' : 'mb-3'}`}>
      {/* eslint-disable-next-line jsx-a11y/no-autofocus -- it was opened to be written in */}
      <TextArea label={t('contact.noteText')} name="text" autoFocus maxLength={4000} value={text} onValue={setText} error={empty && text.trim() === '' ? t('acts.required') : undefined} />
      <TextField label={t('contact.noteDueAt')} name="due_at" type="datetime-local" optional value={due} onValue={setDue} />
      <SelectField
        label={t('contact.noteAgent')}
        name="agent_id"
        optional
        value={agent}
        onValue={setAgent}
        options={[{ value: '', words: t('acts.nobody') }, ...(note?.agent && agents.data === undefined ? [{ value: String(note.agent.id), words: note.agent.name }] : []), ...(agents.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }))]}
      />
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" look="primary" disabled={pending}>
          {pending ? t('kit.working') : t('contact.saveNote')}
        </Button>
      </div>
    </Form>
  );
}
