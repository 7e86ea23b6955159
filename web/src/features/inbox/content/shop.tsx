import '@/i18n/rest';
import { ExternalLink, ShoppingBag, Store } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Content } from '@/api/types';
import { MessageText } from '@/components/message-text';
import { HeaderPart } from './header-part';

function isWeb(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

/** A way out of the console. What is no web address is words only. */
function Out({ address, children, className }: { address: string; children: ReactNode; className: string }) {
  const { t } = useTranslation();
  if (!isWeb(address)) return <span className={className}>{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" title={address} className={className}>
      {children}
      <ExternalLink aria-hidden="true" className="size-3.5 shrink-0" />
      <span className="sr-only">{t('app.newTab')}</span>
    </a>
  );
}

/** A file that only its address is known of: the provider fetches it, the console does not. */
export function FileAddress({ address }: { address: string }) {
  const { t } = useTranslation();
  return (
    <Out address={address} className="flex items-center gap-1.5 rounded-lg bg-ink/6 px-3 py-2 text-sm font-medium break-all text-accent-strong">
      {t('shown.fileByLink')}
    </Out>
  );
}

/** The cards of a carousel, each with its picture, its words and its link. */
export function Carousel({ cards }: { cards: NonNullable<Content['carousel']> }) {
  const { t } = useTranslation();
  return (
    <ol aria-label={t('content.carousel')} className="flex snap-x gap-2 overflow-x-auto pb-1">
      {cards.map((card, index) => (
        <li key={index} aria-label={t('shown.cardOf', { number: index + 1, count: cards.length })} className="flex w-48 shrink-0 snap-start flex-col gap-1 rounded-lg bg-ink/5 p-2 text-sm">
          {card.header && <HeaderPart header={card.header} sender="" />}
          {card.text && <MessageText text={card.text} />}
          {card.cta && (
            <Out address={card.cta.url} className="mt-auto flex min-h-8 items-center justify-center gap-1.5 rounded-lg bg-ink/5 px-2 py-1.5 text-center font-medium text-accent-strong">
              {card.cta.text}
            </Out>
          )}
        </li>
      ))}
    </ol>
  );
}

function Item({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <li className="flex items-center gap-2 py-1 text-sm">
      <ShoppingBag aria-hidden="true" className="size-4 shrink-0 text-accent" />
      <span className="min-w-0 break-all">{t('shown.productId', { id })}</span>
    </li>
  );
}

/** The items of the catalogue that a message shows, or the way to all of them. */
export function Products({ content }: { content: Content }) {
  const { t } = useTranslation();
  const { product, product_list: list, catalog } = content;
  if (catalog || content.kind === 'catalog') {
    return (
      <ul aria-label={t('content.catalog')} className="rounded-lg bg-ink/5 px-3 py-1.5">
        {catalog?.thumbnail_product_id && <Item id={catalog.thumbnail_product_id} />}
        <li className="flex items-center justify-center gap-2 py-0.5 text-sm font-medium text-accent-strong">
          <Store aria-hidden="true" className="size-4" />
          {t('shown.openCatalog')}
        </li>
      </ul>
    );
  }
  const sections = list?.sections ?? (product ? [{ title: '', product_ids: [product.product_id] }] : []);
  const of = list?.catalog_id ?? product?.catalog_id;
  return (
    <section aria-label={t(list ? 'content.productList' : 'content.product')} className="rounded-lg bg-ink/5 px-3 py-1.5">
      {sections.map((section, index) => (
        <div key={index}>
          {section.title && <p className="pt-1 text-xs font-semibold text-muted">{section.title}</p>}
          <ul className="divide-y divide-line">
            {section.product_ids.map((id) => (
              <Item key={id} id={id} />
            ))}
          </ul>
        </div>
      ))}
      {of && <p className="pt-1 text-xs break-all text-muted">{t('shown.catalog', { id: of })}</p>}
    </section>
  );
}
