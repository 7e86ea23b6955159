import '@/i18n/rest';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { ApiError } from '@/api/problem';
import { Button } from '@/components/button';

/** Asks the provider for a lost file once more. The message changes when it comes, so that nothing else is to be told. */
export function AskAgain({ id }: { id: number }) {
  const { t } = useTranslation();
  const [state, setState] = useState<'idle' | 'asking' | 'asked'>('idle');
  const [refusal, setRefusal] = useState('');
  const again = async () => {
    setState('asking');
    setRefusal('');
    try {
      await ask(api.POST('/v1/media/{id}/fetch-again', { params: { path: { id } } }));
      setState('asked');
    } catch (error) {
      setState('idle');
      setRefusal(error instanceof ApiError ? error.sayWith(t) : t('shown.askAgainFailed'));
    }
  };
  if (state === 'asked') return <span role="status">{t('content.mediaPending')}</span>;
  return (
    <>
      <Button onClick={() => void again()} disabled={state === 'asking'} className="text-ink">
        <RefreshCw aria-hidden="true" className="size-4" />
        {t('shown.askAgain')}
      </Button>
      {refusal && <span role="alert">{refusal}</span>}
    </>
  );
}
