import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { BookmarkPlus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { flowKeys } from '@/api/queries/flows';
import { useMe } from '@/api/queries/sign-in';
import type { FlowRunDetail } from '@/api/types';
import { Button } from '@/components/button';
import { toast } from '@/components/toast';

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A draft with one more saved test. */
export function withTest(draft: unknown, test: Json): Json {
  const doc = isObject(draft) ? draft : {};
  const ui = isObject(doc.ui) ? doc.ui : {};
  return { ...doc, ui: { ...ui, tests: [...(Array.isArray(ui.tests) ? (ui.tests as unknown[]) : []), test] } };
}

/** Keeps a real conversation as a test of its flow's draft, without a word of the person. */
export function KeepAsTest({ run }: { run: FlowRunDetail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useMe().permissions;
  const keep = useMutation({
    mutationFn: async () => {
      const { test } = await ask(api.POST('/v1/flow-runs/{id}/tests/keep', { params: { path: { id: run.id } } }));
      const flow = await ask(api.GET('/v1/flows/{id}', { params: { path: { id: run.flow_id } } }));
      await ask(api.PUT('/v1/flows/{id}/draft', { params: { path: { id: run.flow_id }, header: { 'If-Match': `"${flow.draft_revision}"` } }, body: { draft: withTest(flow.draft, test) } }));
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: flowKeys.all });
      toast({ words: t('runs.keptAsTest'), action: { words: t('runs.toFlow'), run: () => void navigate({ to: '/fluxos/$id/editar', params: { id: String(run.flow_id) }, search: {} }) } });
    },
    onError: () => toast({ words: t('runs.notKept'), tone: 'bad' }),
  });
  if (!may.includes('flows:write') || !may.includes('conversations:read')) return null;
  return (
    <Button disabled={keep.isPending} title={t('runs.keepAsTestHint')} onClick={() => keep.mutate()}>
      <BookmarkPlus aria-hidden="true" className="size-4" />
      {t('runs.keepAsTest')}
    </Button>
  );
}
