import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Capabilities, Content, Conversation } from '@/api/types';
import { Button } from '@/components/button';
import { FormDialog } from '@/components/dialog';
import { TextArea, TextField } from '@/components/field';
import type { Asked } from './add-menu';
import { placeOf } from './places';

interface Props {
  what: Asked;
  conversation: Conversation;
  limits: Capabilities | undefined;
  onClose: () => void;
  onContent: (content: Content) => void;
}

const value = (form: FormData, name: string) => {
  const found = form.get(name);
  return typeof found === 'string' ? found.trim() : '';
};

/** Asks for what a contact card, a place, buttons or a list say, and gives it to be sent. */
export default function AddDialog({ what, ...rest }: Props) {
  switch (what) {
    case 'contact':
      return <ContactDialog {...rest} />;
    case 'location':
      return <LocationDialog {...rest} />;
    case 'buttons':
      return <ChoicesDialog kind="buttons" {...rest} />;
    case 'list':
      return <ChoicesDialog kind="list" {...rest} />;
  }
}

type Rest = Omit<Props, 'what'>;

/** A contact card: a name, and at least one way to reach the person (rule 114). */
function ContactDialog({ onClose, onContent }: Rest) {
  const { t } = useTranslation();
  const [error, setError] = useState<string | undefined>(undefined);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('composer.add.contact')}
      names={['name', 'phone', 'email']}
      submit={t('composer.after.send')}
      onSubmit={(form) => {
        const [name, phone, email] = [value(form, 'name'), value(form, 'phone'), value(form, 'email')];
        if (name === '' || (phone === '' && email === '')) {
          setError(t('composer.add.contactMissing'));
          return;
        }
        onContent({
          kind: 'contacts',
          contacts: [
            {
              name: { formatted: name, first: name.split(' ')[0] ?? name },
              ...(phone !== '' && { phones: [{ phone, type: 'CELL' }] }),
              ...(email !== '' && { emails: [{ email, type: 'WORK' }] }),
            },
          ],
        });
      }}
    >
      <TextField onValue={() => setError(undefined)} label={t('composer.add.name')} name="name" error={error} autoComplete="off" />
      <TextField onValue={() => setError(undefined)} label={t('contact.phone')} name="phone" type="tel" optional autoComplete="off" />
      <TextField onValue={() => setError(undefined)} label={t('contact.email')} name="email" type="email" optional autoComplete="off" />
    </FormDialog>
  );
}

/** A place: its coordinates, or a map's link that has them. */
function LocationDialog({ onClose, onContent }: Rest) {
  const { t } = useTranslation();
  const [error, setError] = useState<string | undefined>(undefined);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('composer.add.location')}
      names={['place', 'name', 'address']}
      submit={t('composer.after.send')}
      onSubmit={(form) => {
        const place = placeOf(value(form, 'place'));
        if (!place) {
          setError(t('composer.add.placeWrong'));
          return;
        }
        const [name, address] = [value(form, 'name'), value(form, 'address')];
        onContent({ kind: 'location', location: { ...place, ...(name !== '' && { name }), ...(address !== '' && { address }) } });
      }}
    >
      <TextField onValue={() => setError(undefined)} label={t('composer.add.place')} name="place" hint={t('composer.add.placeHint')} error={error} autoComplete="off" />
      <TextField onValue={() => setError(undefined)} label={t('composer.add.placeName')} name="name" optional autoComplete="off" />
      <TextField onValue={() => setError(undefined)} label={t('composer.add.address')} name="address" optional autoComplete="off" />
    </FormDialog>
  );
}

/** Buttons, or a list behind one: the text above them and what can be chosen, within the channel's limits. */
function ChoicesDialog({ kind, limits, onClose, onContent }: Rest & { kind: 'buttons' | 'list' }) {
  const { t } = useTranslation();
  const list = kind === 'list';
  const most = (list ? limits?.list.rows_max : limits?.buttons.max) || (list ? 10 : 3);
  const longest = (list ? limits?.list.row_title_max : limits?.buttons.title_max) || (list ? 24 : 20);
  const [rows, setRows] = useState(2);
  const [error, setError] = useState<string | undefined>(undefined);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(`composer.add.${kind}`)}
      names={['text', 'button']}
      submit={t('composer.after.send')}
      onSubmit={(form) => {
        const text = value(form, 'text');
        const titles = Array.from({ length: rows }, (_, index) => value(form, `choice${index}`)).filter(Boolean);
        if (text === '' || titles.length === 0 || new Set(titles).size < titles.length || (list && value(form, 'button') === '')) {
          setError(t('composer.add.choicesMissing'));
          return;
        }
        const choices = titles.map((title, index) => ({ id: `op${index + 1}`, title }));
        onContent(list ? { kind, text, list: { button: value(form, 'button'), sections: [{ rows: choices }] } } : { kind, text, buttons: choices });
      }}
    >
      <TextArea onValue={() => setError(undefined)} label={t('composer.add.text')} name="text" error={error} maxLength={limits?.body_max || 1024} />
      {list && <TextField onValue={() => setError(undefined)} label={t('composer.add.listButton')} name="button" maxLength={limits?.list.button_max || 20} autoComplete="off" />}
      {Array.from({ length: rows }, (_, index) => (
        <TextField key={index} onValue={() => setError(undefined)} label={t('composer.add.choice', { number: index + 1 })} name={`choice${index}`} maxLength={longest} optional={index > 0} autoComplete="off" />
      ))}
      {rows < most && (
        <Button look="quiet" onClick={() => setRows(rows + 1)}>
          {t('composer.add.more')}
        </Button>
      )}
    </FormDialog>
  );
}
