import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Doc } from './document/document';
import { begin, edited, redone, undone, type Edit, type History } from './document/history';
import { settled } from './settled';

/** The document that is open, with what can be undone. Outside React, so that a key and a panel edit the same one. */
export class Editor {
  #history: History;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();

  constructor(doc: Doc, now: () => number = Date.now) {
    this.#history = begin(doc);
    this.#now = now;
  }

  /** The document now. */
  get doc(): Doc {
    return this.#history.doc;
  }

  /** The document with what came before and what was undone. */
  get history(): History {
    return this.#history;
  }

  /** Makes an edit. An edit that changes nothing leaves no trace. */
  apply(edit: Edit): void {
    // A document that is taken as it is, from a version or another person, gets places for what has none.
    this.#become(edited(this.#history, { ...edit, doc: edit.doc === this.doc ? edit.doc : settled(edit.doc) }, this.#now()));
  }

  /** Takes the last edit back. */
  undo(): void {
    this.#become(undone(this.#history));
  }

  /** Makes the edit again that was taken back. */
  redo(): void {
    this.#become(redone(this.#history));
  }

  /** Tells of each change. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): History => this.#history;

  #become(next: History): void {
    if (next === this.#history) return;
    this.#history = next;
    for (const listener of [...this.#listeners]) listener();
  }
}

const EditorContext = createContext<Editor | undefined>(undefined);

/** Gives the editor to what is drawn inside. */
export const EditorProvider = EditorContext.Provider;

/** The editor of the open flow. */
export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('there is no editor around');
  return editor;
}

/** The open document and its history, as they are now. */
export function useHistory(): History {
  const editor = useEditor();
  return useSyncExternalStore(editor.subscribe, editor.snapshot);
}

/** The open document, as it is now. */
export function useDoc(): Doc {
  return useHistory().doc;
}
