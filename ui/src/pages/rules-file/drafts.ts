/** Text of rules that is not saved yet, kept in the tab: a session that ends, or a page that is loaded again, does not lose it. */

import type { RulesFile } from '@peregrine/api/contract';

export interface Draft {
  readonly text: string;
  /** What it was made from. */
  readonly base: Pick<RulesFile, 'text' | 'version'>;
}

const keyOf = (name: string): string => `peregrine.draft.${name}`;

export function keepDraft(name: string, draft: Draft): void {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(draft));
  } catch {
    // A browser that keeps nothing, or not so much, still has the text in the editor.
  }
}

export function dropDraft(name: string): void {
  try {
    sessionStorage.removeItem(keyOf(name));
  } catch {
    // The same.
  }
}

/** `undefined`: there is none, or it says what the file says by now. */
export function keptDraft(name: string, fileText: string): Draft | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(name)) ?? 'null');
    return isDraft(kept) && kept.text !== fileText ? kept : undefined;
  } catch {
    return undefined;
  }
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null || !('text' in value) || !('base' in value)) return false;
  const { text, base } = value;
  if (typeof text !== 'string' || typeof base !== 'object' || base === null) return false;
  return (
    'text' in base && typeof base.text === 'string' && 'version' in base && typeof base.version === 'number'
  );
}
