/** A rule's condition for each event code: one variant for all codes that settle its tests alike. */

import { foldTerm, type Term } from './term.ts';

/** What a code settles of a test; absent for tests that no code settles. */
export type CodeVerdict = ((code: number) => boolean | undefined) | undefined;

export interface Variant {
  readonly term: Term;
  /** Differs from those of the rule's other variants. */
  readonly number: number;
}

export class Folder {
  readonly #term: Term;
  readonly #deciders: readonly CodeVerdict[];
  /** The tests that codes may settle. */
  readonly #ids: readonly number[];
  readonly #variants = new Map<string, Variant>();

  constructor(term: Term, deciders: readonly CodeVerdict[]) {
    this.#term = term;
    this.#deciders = deciders;
    this.#ids = [...new Set(term.testIds)].filter((id) => deciders[id] !== undefined);
  }

  variantFor(code: number): Variant {
    const verdicts = this.#ids.map((id) => this.#deciders[id]?.(code));
    const key = verdicts.join();
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const term =
      this.#ids.length === 0
        ? this.#term
        : foldTerm(this.#term, (id) => {
            const place = this.#ids.indexOf(id);
            return place < 0 ? undefined : verdicts[place];
          });
    const variant = { term, number: this.#variants.size };
    this.#variants.set(key, variant);
    return variant;
  }
}
