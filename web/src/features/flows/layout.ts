import { Graph, layout } from '@dagrejs/dagre';
import { edgesOf, type FlowDocument } from './document';

/** How wide a node is drawn, in the canvas's units. */
export const NODE_WIDTH = 240;
/** How high a node is drawn: its face, and a row for each output. */
export function nodeHeight(outputs: number): number {
  return 84 + outputs * 26;
}

/** A drawn edge. */
export interface LaidEdge {
  id: string;
  source: string;
  target: string;
  output: string;
}

/** Where everything stands. */
export interface Layout {
  nodes: { id: string; x: number; y: number; height: number }[];
  edges: LaidEdge[];
  width: number;
  height: number;
}

/** Lays a flow out from left to right. An edge to a node that does not exist is left out: its row says so. */
export function layOutFlow(document: FlowDocument): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 36, ranksep: 90, marginx: 20, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(document.nodes.map((node) => node.id));
  const edges: LaidEdge[] = [];
  for (const node of document.nodes) {
    const outputs = edgesOf(node);
    graph.setNode(node.id, { width: NODE_WIDTH, height: nodeHeight(outputs.length) });
    for (const { output, target } of outputs) {
      if (ids.has(target)) edges.push({ id: `${node.id}:${output}`, source: node.id, target, output });
    }
  }
  for (const edge of edges) graph.setEdge(edge.source, edge.target, {}, edge.id);
  layout(graph);
  const nodes = document.nodes.map((node) => {
    const placed = graph.node(node.id) as { x: number; y: number; width: number; height: number };
    return { id: node.id, x: placed.x - placed.width / 2, y: placed.y - placed.height / 2, height: placed.height };
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { nodes, edges, width, height };
}
