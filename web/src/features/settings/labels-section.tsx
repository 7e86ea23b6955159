import { useQuery } from '@tanstack/react-query';
import { Bot, Tags } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { labelList, saveLabel } from '@/api/queries/settings';
import type { Label } from '@/api/types';
import { CheckField } from '@/components/check-field';
import { ColorField } from '@/components/color-field';
import { isColor, PALETTE } from '@/components/contrast';
import { FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { ColorDot } from './color-dot';
import { ListSection } from './list-section';
import { textOf, useOpened, useSaving } from './use-setting';

/** The labels of contacts (rule 190). */
export function LabelsSection() {
  const { t } = useTranslation();
  const { opened, open } = useOpened('etiquetas');
  const query = useQuery(labelList(false));
  const item = query.data?.find(({ id }) => id === opened);
  return (
    <>
      <ListSection
        kind="labels"
        icon={Tags}
        list={labelList}
        onNew={() => open('novo')}
        onOpen={(label) => open(label.id)}
        row={(label) => (
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 font-medium">
            <ColorDot color={label.color} />
            <span className="min-w-0 truncate">{label.name}</span>
            {label.automation_only && (
              <span className="inline-flex items-center gap-1 text-xs font-normal text-muted">
                <Bot aria-hidden="true" className="size-3.5" />
                {t('settings.labels.automation')}
              </span>
            )}
          </span>
        )}
      />
      {(opened === 'novo' || item) && <LabelForm key={opened} label={item} onClose={() => open(undefined)} />}
    </>
  );
}

function LabelForm({ label, onClose }: { label: Label | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const [color, setColor] = useState<string>(label?.color ?? PALETTE[0]);
  const [automation, setAutomation] = useState(label?.automation_only ?? false);
  const first = useRef<HTMLInputElement>(null);
  const save = useSaving(onClose);
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={(next) => !next && onClose()}
      title={label ? t('settings.labels.edit', { name: label.name }) : t('settings.labels.new')}
      names={['name', 'color']}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={(values) => {
        if (isColor(color)) save.mutate(() => saveLabel(label?.id, { name: textOf(values, 'name'), color, automation_only: automation }));
      }}
    >
      <TextField ref={first} label={t('settings.name')} name="name" hint={t('settings.labels.nameHint')} placeholder={t('settings.labels.namePlaceholder')} start={label?.name ?? ''} maxLength={60} required />
      <ColorField label={t('settings.color')} hint={t('settings.labels.colorHint')} value={color} onValue={setColor} />
      <CheckField label={t('settings.labels.automationLabel')} hint={t('settings.labels.automationHint')} checked={automation} onChecked={setAutomation} />
    </FormDialog>
  );
}
