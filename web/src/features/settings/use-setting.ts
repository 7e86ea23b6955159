import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { settingCalls, settingsKeys, type SettingKind } from '@/api/queries/settings';
import { toast } from '@/components/toast';
import type { Section } from './search';

const REFUSALS = ['name_taken', 'name_archived', 'key_taken', 'key_archived', 'queue_initial'] as const;

/** Why the server refused a change of settings, in the reader's language; undefined where it has no words of its own. */
export function refusal(error: unknown, t: TFunction): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const known = REFUSALS.find((each) => error.key === `settings.${each}`);
  return known && t(`settings.refused.${known}`, { connection: error.args.connection ?? '' });
}

/** The error with its words in the reader's language at the fields that it names. */
function inWords(error: unknown, t: TFunction): unknown {
  const words = refusal(error, t);
  if (words === undefined || !(error instanceof ApiError)) return error;
  const { status, code, detail, requestId, retryAfter, fields, key, args } = error;
  return new ApiError(status, code, detail, requestId, retryAfter, fields.map(({ location }) => ({ location, message: words })), key, args);
}

/** What a field of a sent form holds. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value : '';
}

/** Which thing of a section is open, as the address says it. */
export function useOpened(section: Section) {
  const navigate = useNavigate();
  const { abrir } = useSearch({ from: '/shell/ajustes' });
  const open = (what: number | 'novo' | undefined) =>
    void navigate({ to: '/ajustes', search: { secao: section, ...(what !== undefined && { abrir: what }) }, replace: what === undefined });
  return { opened: abrir, open };
}

/** Saves something of the settings, and reads them again. Its error has the reader's words. */
export function useSaving(done: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (call: () => Promise<unknown>) => call(),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: settingsKeys.all });
      toast({ words: t('settings.saved') });
      done();
    },
  });
  // A form shows each error once, and knows it again by being the same.
  const error = useMemo(() => inWords(save.error, t), [save.error, t]);
  return { ...save, error };
}

/** Orders, archives and restores things of one kind. What is ordered is shown at once. */
export function useSettingActs<T extends { id: number; name: string }>(kind: SettingKind) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const calls = settingCalls[kind];
  const failed = (error: unknown) => toast({ words: refusal(error, t) ?? (error instanceof ApiError ? error.sayWith(t) : t('error.unknown')), tone: 'bad' });
  const again = () => client.invalidateQueries({ queryKey: settingsKeys.all });
  const restore = useMutation({
    mutationFn: (item: T) => calls.restore(item.id),
    onSuccess: async (_, item) => {
      await again();
      toast({ words: t('settings.restored', { name: item.name }) });
    },
    onError: failed,
  });
  const archive = useMutation({
    mutationFn: (item: T) => calls.archive(item.id),
    onSuccess: async (_, item) => {
      await again();
      toast({ words: t('settings.archived', { name: item.name }), undo: () => restore.mutate(item) });
    },
    onError: failed,
  });
  const order = useMutation({
    // One after another: the last order that people made is the one that stays.
    scope: { id: `settings-${kind}` },
    mutationFn: (items: T[]) => calls.order(items.map(({ id }) => id)),
    onMutate: (items) => {
      const key = settingsKeys.list(kind, false);
      void client.cancelQueries({ queryKey: key });
      client.setQueryData<T[]>(key, (old) => [...items, ...(old ?? []).filter(({ id }) => !items.some((each) => each.id === id))]);
    },
    onError: failed,
    onSettled: () => again(),
  });
  return { order: order.mutate, archive: archive.mutate, restore: restore.mutate };
}
