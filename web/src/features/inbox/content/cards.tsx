import { Mail, MapPin, Phone, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ContactCard, Content } from '@/api/types';
import { phoneNumber } from '@/i18n/format';
import { CardMore } from './later';

/** A point on the map: name, address and a link that opens it. No map is fetched: that would tell others who looks. */
export function LocationContent({ location }: { location: NonNullable<Content['location']> }) {
  const { t } = useTranslation();
  const { latitude, longitude, name, address } = location;
  const href = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return (
    <div className="w-72 max-w-full">
      <div className="riverbed flex h-24 items-center justify-center rounded-lg">
        <MapPin aria-hidden="true" className="size-8 fill-bad-soft text-bad" />
      </div>
      <p className="mt-1.5 text-sm font-medium">{name || t('content.location')}</p>
      {address && <p className="text-sm text-muted">{address}</p>}
      <p className="tabular text-xs text-muted">
        {latitude.toFixed(5)}, {longitude.toFixed(5)}
      </p>
      <a href={href} target="_blank" rel="noopener noreferrer" className="mt-1 inline-block text-sm text-info underline underline-offset-2">
        {t('content.openMap')} <span className="sr-only">{t('app.newTab')}</span>
      </a>
    </div>
  );
}

function cardName(card: ContactCard): string {
  const { formatted, first, last } = card.name;
  return formatted || [first, last].filter(Boolean).join(' ') || (card.phones?.[0]?.phone ?? '');
}

/** Contact cards: who, where they work, how to reach them. */
export function ContactsContent({ contacts }: { contacts: readonly ContactCard[] }) {
  const { t } = useTranslation();
  return (
    <ul aria-label={t('content.contacts')} className="w-72 max-w-full divide-y divide-line">
      {contacts.map((card, index) => (
        <li key={index} className="flex gap-3 py-1.5 first:pt-0.5 last:pb-0.5">
          <span className="flex size-10 shrink-0 items-center justify-center rounded-full bg-accent-soft text-accent-strong">
            <UserRound aria-hidden="true" className="size-5" />
          </span>
          <div className="min-w-0 text-sm">
            <p className="font-medium">{cardName(card) || t('content.contactSave')}</p>
            {card.org?.company && <p className="text-muted">{[card.org.title, card.org.company].filter(Boolean).join(' · ')}</p>}
            {card.phones?.map((phone, at) => (
              <p key={at} className="tabular flex items-center gap-1.5 text-muted">
                <Phone aria-hidden="true" className="size-3.5" />
                {phoneNumber(phone.phone ?? phone.wa_id ?? '')}
              </p>
            ))}
            {card.emails?.map((email, at) => (
              <p key={at} className="flex items-center gap-1.5 break-all text-muted">
                <Mail aria-hidden="true" className="size-3.5 shrink-0" />
                {email.email}
              </p>
            ))}
            {(card.addresses ?? card.urls ?? card.birthday ?? card.org?.department) && <CardMore card={card} />}
          </div>
        </li>
      ))}
    </ul>
  );
}
