import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, Search, TriangleAlert } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '@/api/queries/sign-in';
import { templatesQuery } from '@/api/queries/templates';
import type { Content, Template } from '@/api/types';
import { setPreferences } from '@/app/preferences';
import { Badge } from '@/components/badge';
import { IconButton } from '@/components/button';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { MessageContent } from '../content/message-content';
import type { AfterSend } from './after-send';
import { composing, useCompose } from './compose';
import { sendId } from './focus';
import { HeaderFileField } from './header-file';
import { useListbox } from './listbox';
import { SendButton } from './send-button';
import { contentOf, findTemplates, fillIn, knownValues, missingOf, shapeOf, type TemplateField } from '@/components/template-parts';

const CATEGORIES = { UTILITY: 'utility', MARKETING: 'marketing', AUTHENTICATION: 'authentication' } as const;

/** Where a template is filled in: a conversation, or what stands for one before it begins. */
export interface TemplatePlace {
  id: number;
  window_open: boolean;
  connection: { id: number };
  contact: { name: string };
}

/** The templates a connection may send now, to choose one, fill it and see it before it goes (rules 098, 101, 118, 258). */
export default function TemplatePicker({
  conversation,
  inputId,
  after,
  choices,
  words,
  mayLeave,
  onSend,
  onSchedule,
}: {
  conversation: TemplatePlace;
  inputId: string;
  after: AfterSend;
  choices: readonly AfterSend[];
  /** The button's words, where they are others than the composer's. */
  words?: string | undefined;
  /** Whether it may go out now; what keeps it shows itself. */
  mayLeave?: (() => boolean) | undefined;
  onSend: (content: Content, then: AfterSend) => void;
  /** Sends it at an instant; without it that is not offered. */
  onSchedule?: ((content: Content) => void) | undefined;
}) {
  const { id } = conversation;
  const { template: draft } = useCompose(id);
  const query = useQuery(templatesQuery(conversation.connection.id));
  const chosen = query.data?.find((each) => each.id === draft.id && each.status === 'APPROVED');
  if (query.isPending) return <LoadingRows rows={3} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!chosen) return <TemplateList conversation={conversation} inputId={inputId} templates={query.data} />;
  return <TemplateForm key={chosen.id} conversation={conversation} inputId={inputId} template={chosen} after={after} choices={choices} words={words} mayLeave={mayLeave} onSend={onSend} onSchedule={onSchedule} />;
}

function useCategory(): (template: Template) => string {
  const { t } = useTranslation();
  return ({ category }) => {
    const known = CATEGORIES[category.toUpperCase() as keyof typeof CATEGORIES];
    return known ? t(`composer.category.${known}`) : category;
  };
}

function TemplateList({ conversation, inputId, templates }: { conversation: TemplatePlace; inputId: string; templates: readonly Template[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const { id } = conversation;
  const { search } = useCompose(id).template;
  const category = useCategory();
  const approved = templates.filter((each) => each.status === 'APPROVED');
  const found = findTemplates(approved, search, category);
  const list = useListbox(found.length, (index) => {
    const template = found[index];
    if (!template) return;
    composing.fill(id, { id: template.id, files: {}, values: knownValues(shapeOf(template), conversation.contact.name, me.user.name) });
  });
  const hidden = templates.length - approved.length;
  return (
    <div>
      <div className="flex items-center gap-2 rounded-xl border border-line-strong bg-raised px-3 focus-within:border-info focus-within:ring-2 focus-within:ring-info/30">
        <Search aria-hidden="true" className="size-4 shrink-0 text-faint" />
        <input
          id={inputId}
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls={list.id}
          aria-activedescendant={list.field['aria-activedescendant']}
          aria-autocomplete="list"
          aria-label={t('composer.template.search')}
          placeholder={t('composer.template.search')}
          value={search}
          onChange={(event) => {
            composing.fill(id, { search: event.target.value });
            list.setActive(0);
          }}
          onKeyDown={(event) => {
            if (list.onKey(event)) return;
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
          className="h-10 w-full min-w-0 bg-transparent text-sm outline-none placeholder:text-faint"
        />
      </div>
      {approved.length === 0 ? (
        <p className="px-1 py-4 text-center text-sm text-muted">{t('composer.template.none')}</p>
      ) : found.length === 0 ? (
        <p className="px-1 py-4 text-center text-sm text-muted">{t('composer.template.noMatch')}</p>
      ) : (
        <ul id={list.id} role="listbox" aria-label={t('composer.template.list')} className="mt-2 max-h-[34dvh] overflow-y-auto">
          {found.map((template, index) => (
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the search field's
            <li
              key={template.id}
              id={list.optionId(index)}
              role="option"
              aria-selected={index === list.active}
              onClick={() => {
                list.setActive(index);
                composing.fill(id, { id: template.id, files: {}, values: knownValues(shapeOf(template), conversation.contact.name, me.user.name) });
              }}
              onMouseMove={() => list.setActive(index)}
              className="flex min-h-11 cursor-pointer flex-col justify-center gap-0.5 rounded-lg px-2.5 py-1.5 text-sm aria-selected:bg-accent-soft"
            >
              <span className="flex items-center gap-2">
                <span className="truncate font-medium">{template.name}</span>
                <Badge tone="neutral">{category(template)}</Badge>
                <span className="text-xs text-faint">{template.language}</span>
              </span>
              <span className="truncate text-xs text-muted">{shapeOf(template).body}</span>
            </li>
          ))}
        </ul>
      )}
      {hidden > 0 && <p className="px-1 pt-1 text-xs text-faint">{t('composer.template.hidden', { count: hidden })}</p>}
    </div>
  );
}

/** What sending it costs, as far as the console can tell (rule 101). */
function CostNotice({ template, open }: { template: Template; open: boolean }) {
  const { t } = useTranslation();
  const key = !open ? 'closed' : template.category.toUpperCase() === 'MARKETING' ? 'marketing' : undefined;
  if (key === undefined) return null;
  return (
    <p className="flex items-start gap-2 text-xs text-pretty text-muted">
      <TriangleAlert aria-hidden="true" className="mt-px size-3.5 shrink-0 text-warn" />
      {t(`composer.template.cost.${key}`)}
    </p>
  );
}

function TemplateForm({
  conversation,
  inputId,
  template,
  after,
  choices,
  words,
  mayLeave,
  onSend,
  onSchedule,
}: {
  conversation: TemplatePlace;
  inputId: string;
  template: Template;
  after: AfterSend;
  choices: readonly AfterSend[];
  /** The button's words, where they are others than the composer's. */
  words?: string | undefined;
  /** Whether it may go out now; what keeps it shows itself. */
  mayLeave?: (() => boolean) | undefined;
  onSend: (content: Content, then: AfterSend) => void;
  /** Sends it at an instant; without it that is not offered. */
  onSchedule?: ((content: Content) => void) | undefined;
}) {
  const { t } = useTranslation();
  const { id } = conversation;
  const { template: draft } = useCompose(id);
  const category = useCategory();
  const shape = useMemo(() => shapeOf(template), [template]);
  const [asked, setAsked] = useState(false);
  const files = Object.fromEntries(Object.entries(draft.files).map(([key, file]) => [key, file.media && { media_id: file.media.id }]));
  const values = { words: draft.values, files };
  const missing = missingOf(shape, values);
  const ready = missing.length === 0 && !shape.unsupported;
  const filled = () => {
    if (ready) return true;
    setAsked(true);
    document.getElementById(`${inputId}-${missing[0]?.key ?? ''}`)?.focus();
    return false;
  };
  const send = (then: AfterSend) => {
    if (!filled() || mayLeave?.() === false) return;
    onSend(contentOf(template, shape, values), then);
    composing.fill(id);
    requestAnimationFrame(() => document.getElementById(inputId)?.focus());
  };
  // The preview shows the example where nothing is written yet.
  const shown = contentOf(template, shape, { files, words: Object.fromEntries(shape.fields.map((field) => [field.key, draft.values[field.key] || field.example])) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(after);
      }}
      className="flex max-h-[52dvh] flex-col gap-3"
    >
      <div className="flex items-center gap-2">
        <IconButton
          label={t('composer.template.other')}
          onClick={() => {
            composing.fill(id, { id: undefined, values: {}, files: {} });
            requestAnimationFrame(() => document.getElementById(inputId)?.focus());
          }}
        >
          <ArrowLeft aria-hidden="true" className="size-5" />
        </IconButton>
        <p className="min-w-0 flex-1 truncate text-sm font-medium">{template.name}</p>
        <Badge tone="neutral">{category(template)}</Badge>
      </div>
      <div className="grid min-h-0 gap-4 overflow-y-auto sm:grid-cols-2">
        <div className="space-y-3">
          {shape.unsupported && <p className="text-sm text-bad">{t('composer.template.unsupported')}</p>}
          {shape.fields.length === 0 && !shape.unsupported && <p className="text-sm text-muted">{t('composer.template.noFields')}</p>}
          {shape.fields.map((field, index) => {
            const wrong = asked && missing.includes(field);
            if (field.kind !== 'text')
              return <HeaderFileField key={field.key} id={`${inputId}-${field.key}`} conversation={conversation} field={field} kind={field.kind} file={draft.files[field.key]} wrong={wrong} />;
            return (
              <ValueField
                key={field.key}
                id={`${inputId}-${field.key}`}
                field={field}
                value={draft.values[field.key] ?? ''}
                wrong={wrong}
                first={index === 0}
                onValue={(value) => composing.fill(id, { values: { ...composing.of(id).template.values, [field.key]: value } })}
              />
            );
          })}
        </div>
        <div>
          <p className="mb-1 text-xs font-medium text-muted">{t('composer.template.preview')}</p>
          <div aria-live="off" className="riverbed rounded-xl border border-line p-3">
            <div className="ml-auto w-fit max-w-full rounded-2xl rounded-br-md bg-bubble-out px-3 py-2 shadow-bubble">
              <MessageContent content={shown} sender="" />
              {shape.buttons.length > 0 && (
                <ul aria-label={t('content.buttons')} className="mt-1.5 space-y-1">
                  {shape.buttons.map((words, index) => (
                    <li key={index} className="rounded-lg bg-ink/5 px-3 py-1.5 text-center text-sm font-medium text-accent-strong">
                      {fillIn(words, () => undefined)}
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </div>
        </div>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div className="min-w-0 flex-1 basis-48">
          <CostNotice template={template} open={conversation.window_open} />
        </div>
        <SendButton
          id={sendId(id)}
          mode="template"
          words={words}
          after={after}
          choices={choices}
          disabled={shape.unsupported}
          onSend={() => send(after)}
          onChoose={(next) => {
            setPreferences({ afterSend: next });
            if (ready) send(next);
          }}
          onSchedule={
            onSchedule &&
            (() => {
              if (filled()) onSchedule(contentOf(template, shape, values));
            })
          }
        />
      </div>
    </form>
  );
}

function ValueField({
  id,
  field,
  value,
  wrong,
  first,
  onValue,
}: {
  id: string;
  field: TemplateField;
  value: string;
  wrong: boolean;
  first: boolean;
  onValue: (value: string) => void;
}) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  // The first field is what the agent goes on with after choosing the template.
  useEffect(() => {
    if (first) input.current?.focus();
  }, [first]);
  const name = t(`composer.template.field.${field.place}`, { name: field.name });
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {field.card === undefined ? name : t('composer.template.card', { number: field.card, name })}
      </label>
      <input
        id={id}
        ref={input}
        value={value}
        onChange={(event) => onValue(event.target.value)}
        placeholder={field.example}
        aria-invalid={wrong}
        aria-describedby={`${id}-hint`}
        autoComplete="off"
        className="h-10 w-full rounded-lg border border-line-strong bg-raised px-3 text-sm outline-none placeholder:text-faint focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/40 aria-invalid:border-bad"
      />
      <p id={`${id}-hint`} className={`text-xs ${wrong ? 'text-bad' : 'text-muted'}`}>
        {wrong ? t('composer.template.missing') : field.example ? t('composer.template.example', { example: field.example }) : ''}
      </p>
    </div>
  );
}
