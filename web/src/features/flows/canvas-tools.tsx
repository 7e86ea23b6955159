import { Background, Controls, MiniMap } from '@xyflow/react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

/** The names of a canvas's tools for who hears the page. */
export function toolNames(t: TFunction) {
  return {
    'controls.ariaLabel': t('flows.view'),
    'controls.zoomIn.ariaLabel': t('flows.zoomIn'),
    'controls.zoomOut.ariaLabel': t('flows.zoomOut'),
    'controls.fitView.ariaLabel': t('flows.fit'),
    'minimap.ariaLabel': t('flows.map'),
  };
}

/** The ground of a canvas, its map and its zoom. */
export function CanvasTools() {
  const { t } = useTranslation();
  return (
    <>
      <Background color="var(--line)" gap={24} />
      <MiniMap
        pannable
        zoomable
        ariaLabel={t('flows.map')}
        nodeColor="var(--line-strong)"
        nodeBorderRadius={12}
        maskColor="color-mix(in oklch, var(--canvas) 70%, transparent)"
        className="!bottom-2 hidden rounded-lg border border-line !bg-surface lg:block"
      />
      <Controls
        showInteractive={false}
        className="overflow-hidden rounded-lg border border-line bg-raised [&_button]:flex [&_button]:size-8 [&_button]:items-center [&_button]:justify-center [&_button]:border-b [&_button]:border-line [&_button:hover]:bg-sunken [&_svg]:size-3 [&_svg]:fill-current"
        aria-label={t('flows.view')}
      />
    </>
  );
}
