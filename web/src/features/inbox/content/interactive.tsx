import { ExternalLink, FileText, List, MapPin, MousePointerClick, Phone, Reply, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Content, ContentHeader, Media } from '@/api/types';
import { MessageText } from '@/components/message-text';
import { DocumentContent, ImageContent, VideoContent } from './media';

function HeaderPart({ header, file, sender }: { header: Omit<ContentHeader, 'kind'> & { kind: string }; file?: Media | undefined; sender: string }) {
  if (header.text) return <p className="font-semibold">{header.text}</p>;
  if (!header.media) return null;
  if (header.kind === 'video') return <VideoContent media={header.media} file={file} />;
  if (header.kind === 'document') return <DocumentContent media={header.media} file={file} />;
  return <ImageContent media={header.media} file={file} sender={sender} />;
}

function Choice({ children, icon }: { children: ReactNode; icon?: ReactNode }) {
  return (
    <li className="flex min-h-8 items-center justify-center gap-2 rounded-lg bg-ink/5 px-3 py-1.5 text-center text-sm font-medium text-accent-strong">
      {icon}
      {children}
    </li>
  );
}

/** Header, body and footer of an interactive message, with what can be tapped under it. The console taps nothing. */
export function InteractiveContent({ content, file, sender }: { content: Content; file?: Media | undefined; sender: string }) {
  const { t } = useTranslation();
  return (
    <div className="w-72 max-w-full space-y-1.5">
      {content.header && <HeaderPart header={content.header} file={file} sender={sender} />}
      {content.text && <MessageText text={content.text} />}
      {content.footer && <p className="text-xs text-muted">{content.footer}</p>}
      <Choices content={content} label={t('content.buttons')} />
    </div>
  );
}

function Choices({ content, label }: { content: Content; label: string }) {
  const { t } = useTranslation();
  switch (content.kind) {
    case 'buttons':
      return (
        <ul aria-label={label} className="space-y-1 pt-0.5">
          {content.buttons?.map((button) => (
            <Choice key={button.id} icon={<Reply aria-hidden="true" className="size-3.5" />}>
              {button.title}
            </Choice>
          ))}
        </ul>
      );
    case 'list':
      return (
        <details className="group rounded-lg bg-ink/5">
          <summary className="flex min-h-8 list-none items-center justify-center gap-2 px-3 py-1.5 text-sm font-medium text-accent-strong">
            <List aria-hidden="true" className="size-4" />
            {content.list?.button ?? t('content.list')}
          </summary>
          <div className="space-y-2 px-3 pb-2">
            {content.list?.sections?.map((section, index) => (
              <div key={index}>
                {section.title && <p className="pt-1 text-xs font-semibold text-muted">{section.title}</p>}
                <ul className="divide-y divide-line">
                  {section.rows?.map((row) => (
                    <li key={row.id} className="py-1.5 text-sm">
                      {row.title}
                      {row.description && <span className="block text-xs text-muted">{row.description}</span>}
                    </li>
                  ))}
                </ul>
              </div>
            ))}
          </div>
        </details>
      );
    case 'cta_url':
      return content.cta ? (
        <ul aria-label={label}>
          <Choice icon={<ExternalLink aria-hidden="true" className="size-3.5" />}>{content.cta.text}</Choice>
        </ul>
      ) : null;
    case 'location_request':
      return (
        <ul aria-label={label}>
          <Choice icon={<MapPin aria-hidden="true" className="size-3.5" />}>{t('content.locationRequest')}</Choice>
        </ul>
      );
    case 'contact_request':
      return (
        <ul aria-label={label}>
          <Choice icon={<UserRound aria-hidden="true" className="size-3.5" />}>{t('content.contactRequest')}</Choice>
        </ul>
      );
    case 'call_permission_request':
      return (
        <ul aria-label={label}>
          <Choice icon={<Phone aria-hidden="true" className="size-3.5" />}>{t('content.callPermissionRequest')}</Choice>
        </ul>
      );
    case 'form':
      return (
        <ul aria-label={label}>
          <Choice icon={<FileText aria-hidden="true" className="size-3.5" />}>{content.form?.button ?? t('content.form')}</Choice>
        </ul>
      );
    case 'product':
    case 'product_list':
    case 'catalog':
      return <p className="text-sm text-muted">{t(content.kind === 'product' ? 'content.product' : content.kind === 'catalog' ? 'content.catalog' : 'content.productList')}</p>;
    case 'carousel':
      return (
        <ul aria-label={t('content.carousel')} className="flex snap-x gap-2 overflow-x-auto pb-1">
          {content.carousel?.map((card, index) => (
            <li key={index} className="w-48 shrink-0 snap-start space-y-1 rounded-lg bg-ink/5 p-2 text-sm">
              {card.header && <HeaderPart header={card.header} sender="" />}
              {card.text && <MessageText text={card.text} />}
              {card.cta && <p className="font-medium text-accent-strong">{card.cta.text}</p>}
            </li>
          ))}
        </ul>
      );
    default:
      return null;
  }
}

/** An approved template as the person reads it, with its header (rule 119, improved: the file is shown too). */
export function TemplateContent({ content, file, sender }: { content: Content; file?: Media | undefined; sender: string }) {
  const { t } = useTranslation();
  const template = content.template;
  const picture = template?.header?.media;
  return (
    <div className="w-72 max-w-full space-y-1.5">
      <p className="flex items-center gap-1.5 text-xs text-muted">
        <FileText aria-hidden="true" className="size-3.5" />
        {t('content.templateName', { name: template?.name ?? '' })}
      </p>
      {content.header ? (
        <HeaderPart header={content.header} file={file} sender={sender} />
      ) : (
        picture && <HeaderPart header={{ kind: template?.header?.kind ?? 'image', media: picture }} file={file} sender={sender} />
      )}
      {content.text && <MessageText text={content.text} />}
      {content.footer && <p className="text-xs text-muted">{content.footer}</p>}
    </div>
  );
}

/** A button or row the person tapped. */
export function TapContent({ tap }: { tap: NonNullable<Content['tap']> }) {
  const { t } = useTranslation();
  return (
    <div className="flex items-start gap-2">
      <MousePointerClick aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-accent" />
      <div>
        <p className="font-medium">
          <span className="sr-only">{t('content.tap')}: </span>
          {tap.title || tap.id}
        </p>
        {tap.description && <p className="text-sm text-muted">{tap.description}</p>}
      </div>
    </div>
  );
}
