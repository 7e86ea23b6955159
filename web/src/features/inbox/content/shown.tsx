import '@/i18n/rest';
import { CircleHelp, ExternalLink, MapPin, Pencil, ShoppingBag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ContactCard, Content } from '@/api/types';
import { MessageText } from '@/components/message-text';
import { answersOf } from './form-answers';

export { AskAgain } from './ask-again';
export { CallContent, OrderContent } from './orders';
export { Carousel, FileAddress, Products } from './shop';

/** The answers of a form that a person filled in, each with what was asked. */
export function FormAnswers({ reply }: { reply: NonNullable<Content['form_reply']> }) {
  const { t } = useTranslation();
  const answers = answersOf(reply.response, { yes: t('shown.yes'), no: t('shown.no') });
  if (answers.length === 0) return reply.text ? <MessageText text={reply.text} /> : null;
  return (
    <dl aria-label={t('shown.answers')} className="mt-1 w-72 max-w-full space-y-1 text-sm">
      {answers.map(({ name, value }, index) => (
        <div key={index}>
          {name && <dt className="text-xs text-muted">{name}</dt>}
          <dd className="break-words whitespace-pre-wrap">{value || '—'}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The item of the catalogue that a message asks about. */
export function AboutProduct({ product }: { product: NonNullable<Content['referred_product']> }) {
  const { t } = useTranslation();
  return (
    <p className="mb-1.5 flex gap-2 rounded-lg bg-ink/5 px-2.5 py-1.5 text-sm">
      <ShoppingBag aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-accent" />
      <span className="min-w-0">
        <span className="block text-xs font-semibold text-accent-strong">{t('shown.product')}</span>
        <span className="break-all">{t('shown.productId', { id: product.product_id })}</span>
        {product.catalog_id && <span className="block text-xs break-all text-muted">{t('shown.catalog', { id: product.catalog_id })}</span>}
      </span>
    </p>
  );
}

function isWeb(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

/** The way to the ad or post that brought the person. */
export function ReferralLink({ referral }: { referral: NonNullable<Content['referral']> }) {
  const { t } = useTranslation();
  const address = referral.source_url ?? '';
  if (!isWeb(address)) return null;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" className="flex items-center gap-1 text-info underline underline-offset-2">
      {referral.source_type === 'post' ? t('shown.openPost') : t('shown.openAd')}
      <ExternalLink aria-hidden="true" className="size-3" />
      <span className="sr-only">{t('app.newTab')}</span>
    </a>
  );
}

/** What a contact's card says besides name, phones and mail. */
export function CardMore({ card }: { card: ContactCard }) {
  const { t } = useTranslation();
  return (
    <>
      {card.org?.department && <p className="text-muted">{t('shown.department', { name: card.org.department })}</p>}
      {card.addresses?.map((address, at) => (
        <p key={at} className="flex gap-1.5 text-muted">
          <MapPin aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          {[address.street, address.city, address.state, address.zip, address.country].filter(Boolean).join(', ')}
        </p>
      ))}
      {card.urls?.map((link, at) => (
        <MessageText key={at} text={link.url ?? ''} />
      ))}
      {card.birthday && <p className="text-muted">{t('shown.birthday', { date: card.birthday.split('-').reverse().join('/') })}</p>}
    </>
  );
}

/** The buttons of a template with where they lead or what they copy. The console taps nothing. */
export function TemplateButtons({ buttons }: { buttons: NonNullable<Content['buttons']> }) {
  const { t } = useTranslation();
  return (
    <ul aria-label={t('shown.buttons')} className="space-y-1 pt-0.5">
      {buttons.map((button, index) => (
        <li key={index} className="rounded-lg bg-ink/5 px-3 py-1.5 text-center text-sm font-medium text-accent-strong">
          {button.title}
          {button.id && button.id !== button.title && <span className="block text-xs font-normal break-all text-muted">{button.id}</span>}
        </li>
      ))}
    </ul>
  );
}

/** An edit of which WhatsApp tells only that it was made. */
export function EditWithoutWords() {
  const { t } = useTranslation();
  return (
    <p className="flex items-center gap-2 text-sm text-muted italic">
      <Pencil aria-hidden="true" className="size-4 shrink-0" />
      {t('shown.editWithoutWords')}
    </p>
  );
}

/** Why Meta does not deliver a message, and what helps. */
export function UnsupportedReason({ unsupported }: { unsupported: NonNullable<Content['unsupported']> }) {
  const { t } = useTranslation();
  const { code, reason } = unsupported;
  return (
    <>
      {(code === 131_052 || code === 131_060) && (
        <p className="flex gap-1.5 text-muted">
          <CircleHelp aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          {code === 131_052 ? t('shown.lostFile') : t('shown.onPhoneOnly')}
        </p>
      )}
      {reason && <p className="text-xs text-faint">{t('shown.reason', { reason })}</p>}
    </>
  );
}
