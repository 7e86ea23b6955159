import { useQuery } from '@tanstack/react-query';
import { Star } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveSurvey, saveSurveyRule, surveyList, surveyRuleQuery } from '@/api/queries/settings';
import type { Survey, SurveyRule } from '@/api/types';
import { FormDialog } from '@/components/dialog';
import { TextArea, TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { ListSection } from './list-section';
import { textOf, useOpened, useSaving } from './use-setting';

const RULES = ['off', 'optional', 'mandatory'] as const satisfies readonly SurveyRule[];
const SCALES = ['faces', 'five', 'nps'] as const satisfies readonly Survey['scale'][];

/** What asks the contact for a grade after the service, and whether closing offers or demands it (rules 038 to 040). */
export function SurveysSection() {
  const { t } = useTranslation();
  const { opened, open } = useOpened('avaliacoes');
  const query = useQuery(surveyList(false));
  const rule = useQuery(surveyRuleQuery);
  const save = useSaving(() => undefined);
  const item = query.data?.find(({ id }) => id === opened);
  return (
    <div className="space-y-6">
      <ListSection
        kind="surveys"
        icon={Star}
        list={surveyList}
        onNew={() => open('novo')}
        onOpen={(survey) => open(survey.id)}
        row={(survey) => (
          <>
            <span className="block truncate font-medium">{survey.name}</span>
            <span className="block truncate text-sm text-muted">{t(`settings.surveys.scales.${survey.scale}`)}</span>
          </>
        )}
      />
      {rule.data !== undefined && (
        <div className="max-w-sm">
          <SelectField
            label={t('settings.surveys.rule')}
            name="on_closing"
            hint={t('settings.surveys.ruleHint')}
            value={rule.data}
            onValue={(how) => save.mutate(() => saveSurveyRule(how as SurveyRule))}
            options={RULES.map((value) => ({ value, words: t(`settings.surveys.rules.${value}`) }))}
          />
        </div>
      )}
      {(opened === 'novo' || item) && <SurveyForm key={opened} survey={item} onClose={() => open(undefined)} />}
    </div>
  );
}

function SurveyForm({ survey, onClose }: { survey: Survey | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const first = useRef<HTMLInputElement>(null);
  const [scale, setScale] = useState<Survey['scale']>(survey?.scale ?? 'faces');
  const save = useSaving(onClose);
  const w = (key: 'comment' | 'thanks' | 'reminder' | 'expiry' | 'url' | 'template' | 'language' | 'question') => ({
    label: t(`settings.surveys.${key}`),
    hint: t(`settings.surveys.${key}Hint`),
  });
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={(next) => !next && onClose()}
      title={survey ? t('settings.surveys.edit', { name: survey.name }) : t('settings.surveys.new')}
      names={['name', 'question', 'comment_question', 'thanks', 'reminder_minutes', 'expiry_hours', 'external_url', 'template_name', 'template_language']}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={(values) =>
        save.mutate(() =>
          saveSurvey(survey?.id, scale, {
            name: textOf(values, 'name'),
            question: textOf(values, 'question'),
            comment_question: textOf(values, 'comment_question'),
            thanks: textOf(values, 'thanks'),
            reminder_minutes: Number(textOf(values, 'reminder_minutes')),
            expiry_hours: Number(textOf(values, 'expiry_hours')) || 24,
            external_url: textOf(values, 'external_url').trim(),
            template_name: textOf(values, 'template_name').trim(),
            template_language: textOf(values, 'template_language').trim(),
          }),
        )
      }
    >
      <TextField ref={first} label={t('settings.name')} name="name" hint={t('settings.surveys.nameHint')} placeholder={t('settings.surveys.namePlaceholder')} start={survey?.name ?? ''} maxLength={100} required />
      <TextArea {...w('question')} name="question" start={survey?.question ?? t('settings.surveys.questionStart')} maxLength={900} required />
      {survey === undefined && (
        <SelectField
          label={t('settings.surveys.scale')}
          name="scale"
          hint={t('settings.surveys.scaleHint')}
          value={scale}
          onValue={(value) => setScale(value as Survey['scale'])}
          options={SCALES.map((value) => ({ value, words: t(`settings.surveys.scales.${value}`) }))}
        />
      )}
      <TextField {...w('comment')} name="comment_question" optional start={survey?.comment_question ?? ''} maxLength={1000} />
      <TextField {...w('thanks')} name="thanks" optional start={survey?.thanks ?? ''} maxLength={1000} />
      <TextField {...w('reminder')} name="reminder_minutes" type="number" inputMode="numeric" min={0} max={10_080} start={String(survey?.reminder_minutes ?? 0)} />
      <TextField {...w('expiry')} name="expiry_hours" type="number" inputMode="numeric" min={1} max={720} start={String(survey?.expiry_hours ?? 24)} />
      <TextField {...w('url')} name="external_url" optional start={survey?.external_url ?? ''} maxLength={2000} />
      <TextField {...w('template')} name="template_name" optional start={survey?.template_name ?? ''} maxLength={512} />
      <TextField {...w('language')} name="template_language" optional start={survey?.template_language ?? ''} maxLength={20} />
    </FormDialog>
  );
}
