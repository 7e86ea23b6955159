import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { EllipsisVertical, Plus, Search, SearchX, UserRound } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { blockContact, contactKeys, contactsQuery, createContact } from '@/api/queries/contacts';
import { useMe } from '@/api/queries/sign-in';
import type { Contact, ContactDetail } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Badge } from '@/components/badge';
import { Button, IconButton } from '@/components/button';
import { Chips } from '@/components/chips';
import { Confirm, FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { Menu } from '@/components/menu';
import type { PagedQuery } from '@/components/paged';
import { Table } from '@/components/table';
import { toast } from '@/components/toast';
import { EmptyState } from '@/components/view-state';
import { phoneNumber, useDates, useNow } from '@/i18n/format';

const PAUSE_MS = 250;

/** Everybody the company talks to: found by name, phone or e-mail, blocked ones marked and alone if wanted (rules 193, 196). */
export default function ContactsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayWrite = useMe().permissions.includes('contacts:write');
  const { busca, situacao } = useSearch({ from: '/shell/contatos' });
  const [typed, setTyped] = useState(busca ?? '');
  const [making, setMaking] = useState(false);
  const put = (next: { busca?: string | undefined; situacao?: 'bloqueados' | 'ativos' | undefined }) =>
    void navigate({ to: '/contatos', search: Object.fromEntries(Object.entries({ busca, situacao, ...next }).filter(([, value]) => value)), replace: true });
  const search = useRef(put);
  useEffect(() => {
    search.current = put;
  });
  useEffect(() => {
    if (typed.trim() === (busca ?? '')) return;
    const timer = setTimeout(() => search.current({ busca: typed.trim() }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, busca]);
  const query = useInfiniteQuery(contactsQuery({ ...(busca && { q: busca }), ...(situacao && { blocked: situacao === 'bloqueados' ? 'true' : 'false' }) }));
  const make = mayWrite && (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus aria-hidden="true" className="size-4" />
      {t('contacts.new')}
    </Button>
  );
  const narrowed = busca !== undefined || situacao !== undefined;
  return (
    <PageFrame
      title={t('nav.contacts')}
      lead={t('contacts.lead')}
      actions={make}
      filters={
        <>
          <label className="flex h-10 min-w-0 flex-1 basis-72 items-center gap-2 rounded-lg border border-line-strong bg-raised px-3 focus-within:border-accent focus-within:ring-2 focus-within:ring-accent/40">
            <Search aria-hidden="true" className="size-4 shrink-0 text-faint" />
            <input
              type="search"
              aria-label={t('contacts.search')}
              placeholder={t('contacts.search')}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              className="h-full w-full min-w-0 bg-transparent text-sm outline-none placeholder:text-faint"
            />
          </label>
          <Chips
            label={t('contacts.state')}
            value={situacao}
            chips={[
              { value: undefined, words: t('contacts.all') },
              { value: 'ativos', words: t('contacts.active') },
              { value: 'bloqueados', words: t('contacts.blocked') },
            ]}
            onChange={(next) => put({ situacao: next })}
          />
        </>
      }
    >
      <Rows
        query={query}
        mayWrite={mayWrite}
        empty={
          narrowed ? (
            <EmptyState icon={SearchX} title={t('contacts.none')} hint={t('contacts.noneHint')} />
          ) : (
            <EmptyState icon={UserRound} title={t('contacts.empty')} hint={t('contacts.emptyHint')}>
              {make}
            </EmptyState>
          )
        }
      />
      {making && <NewContact onClose={() => setMaking(false)} onMade={(contact) => setTyped(contact.name)} />}
    </PageFrame>
  );
}

function Rows({ query, mayWrite, empty }: { query: PagedQuery<Contact>; mayWrite: boolean; empty: ReactNode }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const called = ({ name, phone }: Contact) => name || (phone ? phoneNumber(phone) : t('contacts.unnamed'));
  return (
    <Table
      label={t('nav.contacts')}
      query={query}
      rowKey={(contact) => contact.id}
      empty={empty}
      columns={[
        {
          key: 'name',
          words: t('contacts.name'),
          heading: true,
          cell: (contact) => (
            <span className="flex flex-wrap items-center gap-2">
              {contact.phone ? (
                <Link to="/conversas" search={{ telefone: contact.phone }} className="text-accent-strong underline-offset-4 hover:underline">
                  {called(contact)}
                </Link>
              ) : (
                called(contact)
              )}
              {contact.blocked_at && <Badge tone="bad">{t('contacts.blockedSince')}</Badge>}
            </span>
          ),
        },
        { key: 'phone', words: t('contacts.phone'), cell: ({ phone }) => (phone ? phoneNumber(phone) : '') },
        { key: 'email', words: t('contacts.email'), wideOnly: true, cell: ({ email }) => email ?? '' },
        {
          key: 'labels',
          words: t('contacts.labels'),
          wideOnly: true,
          cell: ({ labels }) => (
            <span className="flex flex-wrap gap-1">
              {labels.map(({ id, name, color }) => (
                <span key={id} className="inline-flex items-center gap-1.5 rounded-full bg-sunken px-2 py-0.5 text-xs">
                  <span aria-hidden="true" className="size-2 rounded-full" style={{ background: color }} />
                  {name}
                </span>
              ))}
            </span>
          ),
        },
        { key: 'since', words: t('contacts.since'), align: 'end', wideOnly: true, cell: ({ created_at: at }) => dates.short(at, now) },
        ...(mayWrite ? [{ key: 'actions', words: '', align: 'end' as const, cell: (contact: Contact) => <Acts contact={contact} name={called(contact)} /> }] : []),
      ]}
    />
  );
}

/** What can be done with a contact: go to the conversation, block after a question, unblock at any time (rules 191, 192). */
function Acts({ contact, name }: { contact: Contact; name: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const blocked = contact.blocked_at !== undefined;
  const put = useMutation({
    mutationFn: (block: boolean) => blockContact(contact.id, block),
    onSuccess: (_, block) => {
      toast({ words: block ? t('contacts.blockedNow') : t('contacts.unblockedNow'), undo: () => put.mutate(!block) });
      void client.invalidateQueries({ queryKey: contactKeys.all });
    },
    onSettled: () => setAsks(false),
  });
  return (
    <>
      <Menu
        label={t('contacts.actions', { name })}
        trigger={
          <IconButton label={t('contacts.actions', { name })}>
            <EllipsisVertical aria-hidden="true" className="size-4" />
          </IconButton>
        }
        items={[
          ...(contact.phone ? [{ words: t('contacts.open'), onSelect: () => void navigate({ to: '/conversas', search: { telefone: contact.phone } }) }] : []),
          blocked ? { words: t('contacts.unblock'), onSelect: () => put.mutate(false) } : { words: t('contacts.block'), onSelect: () => setAsks(true) },
        ]}
      />
      <Confirm open={asks} onOpenChange={setAsks} title={t('contacts.sureBlock', { name })} lead={t('contacts.sureBlockLead')} yes={t('contacts.block')} tone="danger" pending={put.isPending} onYes={() => put.mutate(true)} />
    </>
  );
}

/** A contact that has not written yet (rule 194). */
function NewContact({ onClose, onMade }: { onClose: () => void; onMade: (contact: ContactDetail) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const first = useRef<HTMLInputElement>(null);
  const text = (values: FormData, name: string) => {
    const value = values.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const save = useMutation({
    mutationFn: (values: FormData) =>
      createContact({ name: text(values, 'name'), ...(text(values, 'phone') && { phone: text(values, 'phone') }), ...(text(values, 'email') && { email: text(values, 'email') }) }),
    onSuccess: (contact) => {
      void client.invalidateQueries({ queryKey: contactKeys.all });
      toast({ words: t('contacts.created') });
      onMade(contact);
      onClose();
    },
  });
  return (
    <FormDialog open initialFocus={first} onOpenChange={onClose} title={t('contacts.new')} names={['name', 'phone', 'email']} error={save.error} pending={save.isPending} submit={t('contacts.create')} onSubmit={(values) => save.mutate(values)}>
      <TextField ref={first} label={t('contacts.name')} name="name" maxLength={200} required />
      <TextField label={t('contacts.phone')} name="phone" type="tel" inputMode="tel" hint={t('contacts.phoneHint')} placeholder="81 98888-0001" maxLength={40} />
      <TextField label={t('contacts.email')} name="email" type="email" hint={t('contacts.emailHint')} maxLength={254} optional />
    </FormDialog>
  );
}
