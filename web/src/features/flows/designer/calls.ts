import { api, ask } from '@/api/client';
import { queryOptions } from '@tanstack/react-query';
import type { Flow, FlowCategory, SimulationStep, SimulationWorld } from '@/api/types';
import { flowKeys } from '@/api/queries/flows';
import type { Doc } from './document/document';

const of = (id: number) => ({ path: { id } });

/** Makes a flow of a document. */
export function createFlow(name: string, category: FlowCategory, draft: Doc): Promise<Flow> {
  return ask(api.POST('/v1/flows', { body: { name, category, draft } }));
}

/** Gives a flow another name or category. */
export function updateFlow(id: number, body: { name?: string; category?: FlowCategory }): Promise<Flow> {
  return ask(api.PATCH('/v1/flows/{id}', { params: of(id), body }));
}

/** Reads a flow with its draft as it is now. */
export function readFlow(id: number): Promise<Flow> {
  return ask(api.GET('/v1/flows/{id}', { params: of(id) }));
}

/** Saves the draft; refused with 412 when another one was saved after the revision. */
export function saveDraft(id: number, draft: Doc, revision: number): Promise<Flow> {
  return ask(api.PUT('/v1/flows/{id}/draft', { params: { ...of(id), header: { 'If-Match': `"${revision}"` } }, body: { draft } }));
}

/** What the linter says of a document that is not stored. */
export async function lintDocument(document: Doc): Promise<Flow['problems']> {
  return (await ask(api.POST('/v1/flows/lint', { body: { document } }))).problems;
}

/** Makes the draft of a revision a version. */
export function publishFlow(id: number, revision: number, note: string, moveRuns = false) {
  return ask(api.POST('/v1/flows/{id}/publish', { params: of(id), body: { revision, note, move_runs: moveRuns } }));
}

/** Publishes an earlier version again, as a new one. */
export function republishVersion(id: number, number: number, note: string, moveRuns: boolean) {
  return ask(api.POST('/v1/flows/{id}/versions/{number}/publish', { params: { path: { id, number } }, body: { note, move_runs: moveRuns } }));
}

/** A saved test that expects what comes of a conversation with a document now. Nothing is stored. */
export function keepTest(id: number, name: string, document: Doc, world: SimulationWorld, steps: readonly SimulationStep[]) {
  return ask(api.POST('/v1/flows/{id}/tests/keep', { params: of(id), body: { name, document: { ...document, ui: { pins: document.ui?.pins } }, world, steps: [...steps] } }));
}

/** What becomes of a document's saved tests: asked again when what counts of the document has changed. */
export function testsQuery(id: number, document: Doc) {
  const played = { ...document, ui: { tests: document.ui?.tests, tests_block: document.ui?.tests_block } };
  return queryOptions({
    queryKey: ['flow-tests', id, JSON.stringify(played)],
    queryFn: ({ signal }) => ask(api.POST('/v1/flows/{id}/tests/run', { params: of(id), body: { document: played }, signal })),
    retry: false,
    staleTime: 60_000,
    gcTime: 60_000,
  });
}

/** Puts a flow into the archive, or takes it out. */
export function shelveFlow(id: number, archived: boolean): Promise<Flow> {
  return archived ? ask(api.POST('/v1/flows/{id}/archive', { params: of(id) })) : ask(api.POST('/v1/flows/{id}/restore', { params: of(id) }));
}

/** The archived flows. */
export const archivedFlowsQuery = queryOptions({
  queryKey: [...flowKeys.all, 'archived'],
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/flows', { params: { query: { limit: 100, archived: true } }, signal }))).data,
});
