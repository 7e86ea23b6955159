import { Mail, MapPin, Phone, PhoneMissed, ShoppingBag, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ContactCard, Content } from '@/api/types';
import { usePreferences } from '@/app/preferences';
import { clock, phoneNumber } from '@/i18n/format';

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
          </div>
        </li>
      ))}
    </ul>
  );
}

function amount(value: string | number | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A basket the person sent: lines, quantities and the total. */
export function OrderContent({ order }: { order: NonNullable<Content['order']> }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const items = order.items ?? [];
  const currency = items.find((item) => item.currency)?.currency ?? 'BRL';
  const money = (value: number) => {
    try {
      return new Intl.NumberFormat(language, { style: 'currency', currency }).format(value);
    } catch {
      return `${currency} ${value}`;
    }
  };
  const total = items.reduce((sum, item) => sum + (amount(item.price) ?? 0) * (amount(item.quantity) ?? 0), 0);
  return (
    <div className="w-72 max-w-full text-sm">
      <p className="flex items-center gap-2 font-medium">
        <ShoppingBag aria-hidden="true" className="size-4 text-accent" />
        {t('content.order')} · {t('content.orderItems', { count: items.length })}
      </p>
      <ul className="mt-1 divide-y divide-line">
        {items.map((item, index) => (
          <li key={index} className="tabular flex justify-between gap-3 py-1">
            <span className="min-w-0 truncate">
              {String(item.quantity)} × {item.product_id}
            </span>
            {amount(item.price) !== undefined && <span>{money(amount(item.price) ?? 0)}</span>}
          </li>
        ))}
      </ul>
      {total > 0 && <p className="tabular mt-1 border-t border-line pt-1 text-right font-medium">{t('content.orderTotal', { total: money(total) })}</p>}
      {order.text && <p className="mt-1 text-muted">{order.text}</p>}
    </div>
  );
}

/** A call or the answer to a request to call, in a line. */
export function CallContent({ content }: { content: Content }) {
  const { t } = useTranslation();
  if (content.call_permission_reply) {
    const accepted = content.call_permission_reply.response === 'accept';
    return (
      <p className="flex items-center gap-2 text-sm">
        <Phone aria-hidden="true" className="size-4" />
        {accepted ? t('content.callAccepted') : t('content.callRejected')}
      </p>
    );
  }
  const seconds = content.call?.duration_seconds ?? 0;
  const missed = content.call?.event === 'terminate' && seconds === 0;
  const Icon = missed ? PhoneMissed : Phone;
  return (
    <p className={`tabular flex items-center gap-2 text-sm ${missed ? 'text-bad' : ''}`}>
      <Icon aria-hidden="true" className="size-4" />
      {missed ? t('content.callMissed') : seconds > 0 ? t('content.callDuration', { time: clock(seconds) }) : t('content.call')}
    </p>
  );
}
