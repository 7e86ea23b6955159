import { useQuery } from '@tanstack/react-query';
import { MessageCircleReply } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { automaticTextsQuery, saveAutomaticTexts, type Texts } from '@/api/queries/automatic-texts';
import type { AutomaticTextsPage, AutoText } from '@/api/types';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { FormDialog } from '@/components/dialog';
import { TextArea } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { Switch } from '@/components/switch';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { SectionHead } from './list-section';
import { useSaving } from './use-setting';

const KINDS = ['greeting', 'agent_greeting', 'transfer', 'farewell', 'out_of_hours'] as const satisfies readonly AutoText[];

/** Whose texts are edited: a connection's, or without an id the account's. */
interface Owner {
  id?: number;
  name: string;
  texts: Texts;
}

/** What goes out without anybody writing it, when and why (rules 016 to 019, 046 to 049). */
export function AutomaticTextsSection() {
  const { t } = useTranslation();
  const query = useQuery(automaticTextsQuery);
  return (
    <section className="space-y-5">
      <SectionHead title={t('settings.texts.title')} lead={t('settings.texts.lead')} />
      {query.isPending ? <LoadingRows rows={5} /> : query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <Page page={query.data} />}
    </section>
  );
}

function Page({ page }: { page: AutomaticTextsPage }) {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<Owner>();
  const save = useSaving(() => undefined);
  const owners: Owner[] = [{ name: t('settings.texts.account'), texts: page.texts }, ...page.connections];
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {owners.map((owner) => (
          <Button key={owner.id ?? 0} look={owner.id === undefined ? 'primary' : undefined} onClick={() => setEdited(owner)}>
            {owner.id === undefined ? t('settings.texts.editAccount') : t('settings.texts.editConnection', { name: owner.name })}
          </Button>
        ))}
      </div>
      <div className="rounded-2xl border border-line bg-surface p-5">
        <Switch
          label={t('settings.texts.opens')}
          hint={t('settings.texts.opensHint')}
          on={page.out_of_hours_opens_tickets}
          disabled={save.isPending}
          onChange={(opens) => save.mutate(() => saveAutomaticTexts({ out_of_hours_opens_tickets: opens }))}
        />
      </div>
      {page.connections.length === 0 ? (
        <EmptyState icon={MessageCircleReply} title={t('settings.texts.empty')} hint={t('settings.texts.emptyHint')} />
      ) : (
        <ul aria-label={t('settings.texts.preview')} className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
          {KINDS.map((kind) => (
            <li key={kind} className="px-4 py-3">
              <h3 className="font-medium">{t(`settings.texts.kinds.${kind}.name`)}</h3>
              <p className="text-xs text-pretty text-muted">{t(`settings.texts.kinds.${kind}.when`)}</p>
              <dl className="mt-2 space-y-2">
                {page.preview
                  .filter((each) => each.kind === kind)
                  .map((each) => (
                    <div key={each.connection_id} className="flex flex-col gap-x-3 sm:flex-row">
                      <dt className="flex w-44 shrink-0 flex-wrap items-center gap-x-2 text-sm text-muted">
                        <span className="truncate">{page.connections.find(({ id }) => id === each.connection_id)?.name}</span>
                        {each.text !== '' && <Badge>{t(`settings.texts.from.${each.from}`)}</Badge>}
                      </dt>
                      <dd className={`min-w-0 text-sm whitespace-pre-wrap [overflow-wrap:anywhere] ${each.text === '' ? 'text-muted' : ''}`}>
                        {each.text === '' ? t('settings.texts.none') : each.text}
                      </dd>
                    </div>
                  ))}
              </dl>
            </li>
          ))}
        </ul>
      )}
      {edited && <TextsForm key={edited.id ?? 0} owner={edited} account={page.texts} onClose={() => setEdited(undefined)} />}
    </>
  );
}

type Way = 'account' | 'none' | 'own';

function TextsForm({ owner, account, onClose }: { owner: Owner; account: Texts; onClose: () => void }) {
  const { t } = useTranslation();
  const [texts, setTexts] = useState<Texts>(owner.texts);
  const save = useSaving(onClose);
  const set = (kind: AutoText, text: string | undefined) => {
    const next = { ...texts };
    if (text === undefined) delete next[kind];
    else next[kind] = text;
    setTexts(next);
  };
  const [ways, setWays] = useState<Record<AutoText, Way>>(
    () => Object.fromEntries(KINDS.map((kind) => [kind, owner.texts[kind] === undefined ? 'account' : owner.texts[kind] === '' ? 'none' : 'own'])) as Record<AutoText, Way>,
  );
  const choose = (kind: AutoText, way: Way) => {
    setWays({ ...ways, [kind]: way });
    set(kind, way === 'account' ? undefined : way === 'none' ? '' : (account[kind] ?? ''));
  };
  return (
    <FormDialog
      open
      onOpenChange={(next) => !next && onClose()}
      width="wide"
      title={owner.id === undefined ? t('settings.texts.editAccount') : t('settings.texts.editConnection', { name: owner.name })}
      lead={t('settings.texts.variables')}
      names={KINDS.map((kind) => `texts.${kind}`)}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={() => save.mutate(() => saveAutomaticTexts({ ...(owner.id !== undefined && { connection_id: owner.id }), texts }))}
    >
      {KINDS.map((kind) => {
        const label = t(`settings.texts.kinds.${kind}.name`);
        const field = (
          <TextArea
            label={label}
            name={`texts.${kind}`}
            hint={t(`settings.texts.kinds.${kind}.when`)}
            optional
            maxLength={2000}
            rows={2}
            placeholder={t(`settings.texts.kinds.${kind}.example`)}
            value={texts[kind] ?? ''}
            onValue={(text) => set(kind, text === '' && owner.id === undefined ? undefined : text)}
          />
        );
        if (owner.id === undefined) return <div key={kind}>{field}</div>;
        return (
          <div key={kind} className="space-y-2">
            <SelectField
              label={t('settings.texts.wayOf', { name: label })}
              name={`way.${kind}`}
              value={ways[kind]}
              onValue={(way) => choose(kind, way as Way)}
              options={(['account', 'none', 'own'] as const).map((value) => ({ value, words: t(`settings.texts.ways.${value}`) }))}
            />
            {ways[kind] === 'own' && field}
          </div>
        );
      })}
    </FormDialog>
  );
}
