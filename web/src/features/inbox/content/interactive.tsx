import { ExternalLink, FileText, List, MapPin, MousePointerClick, Phone, Reply, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Content, Media } from '@/api/types';
import { MessageText } from '@/components/message-text';
import { HeaderPart } from './header-part';
import { Carousel, Products, TemplateButtons } from './later';

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
      return <Products content={content} />;
    case 'carousel':
      return content.carousel ? <Carousel cards={content.carousel} /> : null;
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
      {content.buttons && content.buttons.length > 0 && <TemplateButtons buttons={content.buttons} />}
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
