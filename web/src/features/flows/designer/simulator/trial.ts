import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { api, ask } from '@/api/client';
import type { Simulation, SimulationAnswer, SimulationStep, SimulationWorld } from '@/api/types';
import type { Doc } from '../document/document';

/** The most steps of one conversation. */
export const MOST_STEPS = 200;

/** A conversation that is tried: what surrounds it, and everything that happened so far. */
export interface Trial {
  world: SimulationWorld;
  steps: readonly SimulationStep[];
  played: Simulation | undefined;
  /** The conversation is played, after a step or after the draft changed. */
  playing: boolean;
  error: Error | null;
  surround: (part: Partial<SimulationWorld>) => void;
  happen: (step: SimulationStep) => void;
  back: () => void;
  restart: (steps?: readonly SimulationStep[], world?: SimulationWorld) => void;
  retry: () => void;
}

/** How long typing in the draft may pause before the conversation is played again. */
const PAUSE_MS = 400;

/** What counts of a document for a conversation: not where its blocks are drawn. */
function essence(doc: Doc): string {
  return JSON.stringify({ ...doc, ui: { pins: doc.ui?.pins } });
}

/** A value once it has stood still for a while. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (value === settled) return;
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value, settled]);
  return settled;
}

/** Plays a conversation with the open draft while the simulator is open: after each step, and after the draft changed. */
export function useTrial(flow: number, doc: Doc, open: boolean): Trial {
  // The clock stands at the beginning of the conversation: played again, it gives the same.
  const [world, setWorld] = useState<SimulationWorld>(() => ({ now: new Date().toISOString() }));
  const [steps, setSteps] = useState<readonly SimulationStep[]>([]);
  const drawn = useMemo(() => (open ? essence(doc) : ''), [doc, open]);
  const document = useSettled(drawn);
  const query = useQuery({
    queryKey: ['simulation', flow, world, steps, document],
    queryFn: ({ signal }) => ask(api.POST('/v1/flows/{id}/simulate', { params: { path: { id: flow } }, body: { document: JSON.parse(document) as Doc, world, steps: [...steps] }, signal })),
    enabled: open && document !== '',
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  return {
    world,
    steps,
    played: query.data,
    playing: query.isFetching || drawn !== document,
    error: query.error,
    surround: (part) => setWorld((before) => ({ ...before, ...part })),
    happen: (step) => setSteps((before) => (before.length >= MOST_STEPS ? before : [...before, step])),
    back: () => setSteps((before) => before.slice(0, -1)),
    restart: (next = [], around) => {
      setSteps(next);
      setWorld((before) => around ?? { ...before, now: new Date().toISOString() });
    },
    retry: () => void query.refetch(),
  };
}

/** The outputs that were travelled, as “node:output”. */
export function travelled(played: Simulation | undefined): ReadonlySet<string> {
  return new Set(played?.steps.flatMap((step) => step.way.filter((visit) => visit.flow === undefined).map((visit) => `${visit.node}:${visit.output}`)));
}

/** The pinned answers of a document, by the node that asks. */
export function pinsOf(doc: Doc): Readonly<Record<string, SimulationAnswer>> {
  const pins = doc.ui?.pins;
  return typeof pins === 'object' && pins !== null ? (pins as Record<string, SimulationAnswer>) : {};
}
