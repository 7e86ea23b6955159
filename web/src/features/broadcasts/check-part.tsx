import { useMutation, useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { broadcastCalls, type BroadcastFields } from '@/api/queries/broadcasts';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { TemplateBubble } from '@/components/template-bubble';
import { toast } from '@/components/toast';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { phoneNumber, span } from '@/i18n/format';

const PAUSE_MS = 600;

/** A value that waits until it has rested. */
function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

/** Who would get it now, who is left out and why, how long it takes, and the message as real people would get it. */
export function CheckPart({ fields, complete, draft, listed, onPeople }: { fields: BroadcastFields; complete: boolean; draft: number | undefined; listed: number; onPeople: (people: number) => void }) {
  const { t } = useTranslation();
  const rested = useRested(fields);
  // A stored list is counted where it is: the request names none.
  const kept = rested.list === undefined && Object.keys(rested.audience ?? {}).every((key) => key === 'served' || key === 'cap_hours');
  const query = useQuery({ queryKey: ['broadcasts', 'preview', rested], queryFn: ({ signal }) => broadcastCalls.preview(rested, signal), enabled: complete && !kept, gcTime: 60_000, retry: false });
  const [testing, setTesting] = useState(false);
  const people = kept ? listed : query.data?.people;
  useEffect(() => {
    if (complete && people !== undefined) onPeople(people);
  }, [complete, people, onPeople]);
  return (
    <Card title={t('broadcasts.edit.check')}>
      <div aria-live="polite" className="space-y-3">
        {!complete ? (
          <p className="text-sm text-muted">{t('broadcasts.edit.checkEmpty')}</p>
        ) : kept ? (
          <p className="text-xl font-semibold">{t('broadcasts.edit.gets', { count: listed })}</p>
        ) : query.isPending ? (
          <>
            <p className="sr-only">{t('broadcasts.edit.checking')}</p>
            <LoadingRows rows={2} />
          </>
        ) : query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <>
            <p className="text-xl font-semibold">{t('broadcasts.edit.gets', { count: query.data.people })}</p>
            {query.data.people > 0 && <p className="text-sm text-muted">{t('broadcasts.edit.takes', { time: span(query.data.forecast_seconds * 1000) })}</p>}
            {query.data.left_out.length > 0 && (
              <div className="text-sm">
                <p className="font-medium">{t('broadcasts.edit.outside')}</p>
                <ul className="mt-1 space-y-0.5 text-muted">
                  {query.data.left_out.map(({ why, people: count }) => (
                    <li key={why} className="flex justify-between gap-3">
                      <span>{t(`broadcasts.leftOut.${why}`)}</span>
                      <span className="tabular">{count}</span>
                    </li>
                  ))}
                </ul>
              </div>
            )}
            {query.data.samples.map((sample, index) => (
              <div key={index} className="space-y-1">
                <p className="text-xs text-muted">{t('broadcasts.edit.sample', { name: sample.name || phoneNumber(sample.phone) })}</p>
                {sample.missing.length > 0 && (
                  <p className="flex items-start gap-1.5 text-xs text-warn">
                    <TriangleAlert aria-hidden="true" className="mt-px size-3.5 shrink-0" />
                    {t('broadcasts.edit.missing', { names: sample.missing.join(', ') })}
                  </p>
                )}
                <TemplateBubble content={sample.content} />
              </div>
            ))}
          </>
        )}
        {draft !== undefined && <Button onClick={() => setTesting(true)}>{t('broadcasts.edit.test')}</Button>}
      </div>
      {testing && draft !== undefined && <TestDialog id={draft} onClose={() => setTesting(false)} />}
    </Card>
  );
}

function TestDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation();
  const first = useRef<HTMLInputElement>(null);
  const test = useMutation({
    mutationFn: (phone: string) => broadcastCalls.test(id, phone),
    onSuccess: () => {
      toast({ words: t('broadcasts.edit.testSent') });
      onClose();
    },
  });
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={onClose}
      title={t('broadcasts.edit.test')}
      names={['phone']}
      error={test.error}
      pending={test.isPending}
      submit={t('broadcasts.edit.test')}
      onSubmit={(values) => {
        const phone = values.get('phone');
        test.mutate(typeof phone === 'string' ? phone : '');
      }}
    >
      <TextField ref={first} label={t('broadcasts.edit.testPhone')} name="phone" type="tel" inputMode="tel" placeholder="+55 81 98888-0001" required />
    </FormDialog>
  );
}
