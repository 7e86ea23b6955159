import { Phone, PhoneMissed, ShoppingBag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Content } from '@/api/types';
import { usePreferences } from '@/app/preferences';
import { clock } from '@/i18n/format';

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
