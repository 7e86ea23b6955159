import type { SimulationAnswer, SimulationStep, SimulationWorld } from '@/api/types';
import { isObject, type Doc, type Json } from './document';
import type { Edit } from './history';

/** A saved conversation, as a document keeps it. Keys that the designer does not know stay in it. */
export interface SavedTest {
  name?: string;
  world?: Json;
  steps: Json[];
  pins?: Record<string, SimulationAnswer>;
  [key: string]: unknown;
}

const isTest = (value: unknown): value is SavedTest => isObject(value) && Array.isArray(value.steps) && value.steps.every(isObject);

/** The saved tests of a document. What is none is shown as an empty one, in its place. */
export function testsOf(doc: Doc): SavedTest[] {
  const tests = doc.ui?.tests;
  return Array.isArray(tests) ? tests.map((each) => (isTest(each) ? each : { steps: [] })) : [];
}

/** Whether a version is not published while a test fails. */
export function testsBlock(doc: Doc): boolean {
  return doc.ui?.tests_block === true;
}

function withTests(doc: Doc, tests: readonly unknown[]): Doc {
  return { ...doc, ui: { ...doc.ui, tests } };
}

const rawTests = (doc: Doc): unknown[] => (Array.isArray(doc.ui?.tests) ? [...(doc.ui.tests as unknown[])] : []);
const nameOf = (test: unknown): string => (isObject(test) && typeof test.name === 'string' ? test.name : '');

/** Adds a test. */
export function addTest(doc: Doc, test: Json): Edit {
  return { doc: withTests(doc, [...rawTests(doc), test]), did: 'testAdd', what: nameOf(test) };
}

/** Puts a test in another's place. */
export function replaceTest(doc: Doc, index: number, test: Json): Edit {
  return { doc: withTests(doc, rawTests(doc).map((each, at) => (at === index ? test : each))), did: 'testAccept', what: nameOf(test) };
}

/** Takes a test away. */
export function removeTest(doc: Doc, index: number): Edit {
  const tests = rawTests(doc);
  return { doc: withTests(doc, tests.filter((_, at) => at !== index)), did: 'testRemove', what: nameOf(tests[index]) };
}

/** Says whether a failing test stops the publication. */
export function setTestsBlock(doc: Doc, on: boolean): Edit {
  const ui = { ...doc.ui };
  if (on) ui.tests_block = true;
  else delete ui.tests_block;
  return { doc: { ...doc, ui }, did: 'testsBlock' };
}

const PERSON = ['name', 'phone', 'email', 'birth_date', 'cpf', 'rg', 'client_code', 'language', 'fields', 'labels'] as const;

/** The surroundings of a test, as the simulator has them. */
export function worldOf(test: SavedTest): SimulationWorld {
  const { now, channel, first_contact: first, window_closed: closed, contact } = test.world ?? {};
  return {
    ...(typeof now === 'string' && { now }),
    ...((channel === 'text' || channel === 'whatsapp') && { display: channel }),
    ...(typeof first === 'boolean' && { first_contact: first }),
    ...(closed === true && { window_closed: true }),
    ...(isObject(contact) && { contact: Object.fromEntries(PERSON.flatMap((key) => (contact[key] === undefined ? [] : [[key, contact[key]]]))) }),
  };
}

/** The steps of a test without what is expected. */
export function stepsOf(test: SavedTest): SimulationStep[] {
  return test.steps.map((step) => {
    const rest = { ...step };
    delete rest.expect;
    return rest;
  });
}

/** A document that answers as a test's own pinned answers say. */
export function pinnedAs(doc: Doc, test: SavedTest): Doc {
  return { ...doc, ui: { ...doc.ui, tests: [], pins: { ...(isObject(doc.ui?.pins) ? doc.ui.pins : {}), ...test.pins } } };
}
