import { Handle, MarkerType, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { plainText } from '@/components/whatsapp-text';
import { choiceTitles, edgesOf, firstWords, type FlowDocument, type FlowNode } from './document';
import { CanvasTools, toolNames } from './canvas-tools';
import { kindLook } from './kinds';
import type { Way } from './run-way';
import { layOutFlow, NODE_WIDTH } from './layout';
import { outputName } from '@/i18n/output-name';

type Drawn = Node<{ node: FlowNode; start: boolean; visited: boolean; here: boolean }, 'flow'>;

const NodeFace = memo(function NodeFace({ data: { node, start, visited, here } }: NodeProps<Drawn>) {
  const { t } = useTranslation();
  const { name, icon: Icon, color } = kindLook(t, node.kind);
  const titles = choiceTitles(node);
  const words = firstWords(node);
  return (
    <div style={{ width: NODE_WIDTH }} data-visited={visited || undefined} className={`rounded-xl border bg-raised text-left shadow-bubble ${here ? 'border-good outline-2 outline-good' : start || visited ? 'border-accent' : 'border-line'}`}>
      <Handle type="target" position={Position.Left} className="!size-2 !border-0 !bg-line-strong" isConnectable={false} />
      <div className="flex items-center gap-2 px-3 pt-2.5">
        <span className={`flex size-7 shrink-0 items-center justify-center rounded-lg ${color}`}>
          <Icon aria-hidden="true" className="size-4" />
        </span>
        <span className="min-w-0">
          <span className="block truncate text-sm font-semibold">{node.name || name}</span>
          <span className="block truncate text-xs text-faint">{start ? `${t('flows.start')} · ${name}` : name}</span>
        </span>
      </div>
      <p className="mx-3 mt-1.5 mb-2 h-5 truncate text-xs text-muted">
        {plainText(words)}
      </p>
      <ul className="border-t border-line">
        {edgesOf(node).map(({ output, target }) => (
          <li key={output} className="relative flex h-[26px] items-center justify-end px-3 text-xs text-muted" title={target}>
            <span className="truncate">{outputName(t, output, titles)}</span>
            <Handle
              id={output}
              type="source"
              position={Position.Right}
              className="!size-2 !border-0 !bg-accent"
              isConnectable={false}
            />
          </li>
        ))}
      </ul>
    </div>
  );
});

const TYPES = { flow: NodeFace };

/** Below this a picture that shows everything cannot be read: it then begins at the start instead. */
const READABLE = 0.5;
/** What a screen gives the picture, roughly: enough to choose how it begins. */
function screenSize() {
  return { width: Math.max(280, Math.min(1100, window.innerWidth - 80)), height: 700 };
}

/** A picture of a flow, to look at: it can be moved and zoomed, not changed. */
export default function FlowCanvas({ document, name, way }: { document: FlowDocument; name: string; way?: Way }) {
  const { t } = useTranslation();
  const { nodes, edges, begin } = useMemo(() => {
    const laid = layOutFlow(document);
    const byId = new Map(document.nodes.map((node) => [node.id, node]));
    const first = laid.nodes.find(({ id }) => id === document.start);
    const screen = screenSize();
    const fits = Math.min(screen.width / laid.width, screen.height / laid.height) >= READABLE;
    return {
      begin: fits || !first ? undefined : { x: 40 - first.x * 0.85, y: 220 - first.y * 0.85, zoom: 0.85 },
      nodes: laid.nodes.flatMap(({ id, x, y, height }): Drawn[] => {
        const node = byId.get(id);
        return node ? [{ id, type: 'flow', position: { x, y }, initialWidth: NODE_WIDTH, initialHeight: height, data: { node, start: id === document.start, visited: way?.visited.has(id) ?? false, here: way?.here === id } }] : [];
      }),
      edges: laid.edges.map(
        (edge): Edge => ({
          id: edge.id,
          source: edge.source,
          target: edge.target,
          sourceHandle: edge.output,
          ...(way?.travelled.has(`${edge.source}:${edge.output}`)
            ? { markerEnd: { type: MarkerType.ArrowClosed, color: 'var(--accent)' }, style: { stroke: 'var(--accent)', strokeWidth: 3 } }
            : { markerEnd: { type: MarkerType.ArrowClosed, color: 'var(--line-strong)' }, style: { stroke: 'var(--line-strong)', strokeWidth: 1.5 } }),
        }),
      ),
    };
  }, [document, way]);
  return (
    <div role="region" aria-label={t('flows.graphLabel', { name })} className="h-full w-full">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        fitView={begin === undefined}
        {...(begin && { defaultViewport: begin })}
        fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements={document.nodes.length > 100}
        ariaLabelConfig={toolNames(t)}
      >
        <CanvasTools />
      </ReactFlow>
    </div>
  );
}
