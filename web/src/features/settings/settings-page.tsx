import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { PageFrame } from '@/app/page-frame';
import { AutomaticTextsSection } from './automatic-texts-section';
import { CannedSection } from './canned-section';
import { FieldsSection } from './fields-section';
import { HoursSection } from './hours-section';
import { LabelsSection } from './labels-section';
import { LimitsSection } from './limits-section';
import { LibrarySection } from './library-section';
import { ProfileSection } from './profile-section';
import { QueuesSection } from './queues-section';
import { ReasonsSection } from './reasons-section';
import { SurveysSection } from './surveys-section';
import { WebhooksSection } from './webhooks-section';
import type { Section } from './search';
import { useSections } from './sections';

const CONTENT: Record<Section, () => React.ReactNode> = {
  perfil: ProfileSection,
  filas: QueuesSection,
  horarios: HoursSection,
  textos: AutomaticTextsSection,
  etiquetas: LabelsSection,
  campos: FieldsSection,
  motivos: ReasonsSection,
  avaliacoes: SurveysSection,
  respostas: CannedSection,
  integracoes: WebhooksSection,
  limites: LimitsSection,
  biblioteca: LibrarySection,
};

/** Brings the section that is shown into sight, and moves nothing but its row. */
function showWhole(link: HTMLElement | null): void {
  const row = link?.closest('nav');
  if (link && row) row.scrollLeft = link.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
}

/** The settings: one's own profile, and what an administrator sets up for the desk. The address says which section is shown. */
export default function SettingsPage() {
  const { t } = useTranslation();
  const sections = useSections();
  const { secao } = useSearch({ from: '/shell/ajustes' });
  const shown = sections.find(({ name }) => name === secao)?.name ?? 'perfil';
  const Content = CONTENT[shown];
  return (
    <PageFrame title={t('settings.title')} lead={t('settings.lead')}>
      <div className="flex min-w-0 flex-col gap-5 lg:flex-row lg:gap-8">
        <nav aria-label={t('settings.sections')} className="-mx-4 overflow-x-auto px-4 lg:mx-0 lg:w-56 lg:shrink-0 lg:px-0">
          <ul className="flex gap-1 lg:flex-col">
            {sections.map(({ name, icon: Icon }) => (
              <li key={name}>
                <Link
                  to="/ajustes"
                  search={name === 'perfil' ? {} : { secao: name }}
                  activeOptions={{ exact: true, includeSearch: true }}
                  aria-current={name === shown ? 'page' : undefined}
                  // On a phone the sections are one row, wider than the screen.
                  ref={name === shown ? showWhole : undefined}
                  className="flex min-h-10 items-center gap-2.5 rounded-lg px-3 text-sm font-medium whitespace-nowrap text-muted outline-offset-[-2px] hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-strong"
                >
                  <Icon aria-hidden="true" className="size-4 shrink-0" />
                  {t(`settings.names.${name}`)}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="min-w-0 flex-1">
          <Content />
        </div>
      </div>
    </PageFrame>
  );
}
