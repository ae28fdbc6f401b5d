/**
 * Many path patterns as one automaton that reads the path as the caller gave it, byte by byte. It takes at least every
 * path whose resolved form a pattern matches: the directory that a relative path is joined with is not known, and may
 * have begun any pattern; so may what is left of a path after a component `.` or `..`.
 */

import { UNKNOWN_BASE } from '@peregrine/state';
import type { PathPattern, PatternStep } from './path-pattern.ts';

export interface PathAutomaton {
  /** By byte. The class of NUL is 0, and that of bytes that no pattern names the last. */
  readonly classOf: Uint8Array;
  readonly classCount: number;
  /** `next[state * classCount + class]` is the next state; in class 0 an index into `outputs`. */
  readonly next: Uint16Array;
  readonly outputs: readonly number[];
  /** States to begin with: for paths that begin with a slash, and for the others. */
  readonly absoluteStart: number;
  readonly relativeStart: number;
}

export interface AutomatonOptions {
  /** What is put out for a path that matches these patterns, by index; the more match, the more bits. */
  readonly outputOf: (matched: ReadonlySet<number>) => number;
  readonly mostCells: number;
  readonly mostOutputs: number;
}

/** States are 16-bit numbers. */
const MOST_STATES = 65_536;
const SLASH = 47;
const DOT = 46;

/** Where the path is in its current component. A component of dots changes what came before. */
type Place = 'slash' | 'dot' | 'dots' | 'inside';

interface State {
  readonly positions: readonly number[];
  readonly place: Place;
  readonly index: number;
}

/** `undefined` when it would be larger than allowed. */
export function buildPathAutomaton(
  patterns: readonly PathPattern[],
  options: AutomatonOptions,
): PathAutomaton | undefined {
  return new Builder(patterns, options).build();
}

/** What a path, as byte text without a NUL, leads to: an index into `outputs`. */
export function walkPath(automaton: PathAutomaton, path: string): number {
  let state = path.startsWith('/') ? automaton.absoluteStart : automaton.relativeStart;
  for (const sign of `${path}\0`)
    state = automaton.next[state * automaton.classCount + (automaton.classOf[sign.charCodeAt(0)] ?? 0)] ?? 0;
  return state;
}

class Builder {
  readonly #options: AutomatonOptions;
  /** Of all patterns, one after the other; `undefined` marks the end of each. */
  readonly #steps: (PatternStep | undefined)[] = [];
  /** By position. */
  readonly #patternAt: number[] = [];
  readonly #isResolved: boolean[] = [];
  readonly #starts: number[] = [];
  readonly #all: ReadonlySet<number>;
  readonly #bytes: readonly number[];
  readonly #states = new Map<string, State>();
  readonly #waiting: State[] = [];

  constructor(patterns: readonly PathPattern[], options: AutomatonOptions) {
    this.#options = options;
    for (const [index, { steps, subject }] of patterns.entries()) {
      this.#starts.push(this.#steps.length);
      for (const step of [...steps, undefined]) {
        this.#steps.push(step);
        this.#patternAt.push(index);
        this.#isResolved.push(subject === 'resolved');
      }
    }
    this.#all = new Set(patterns.keys());
    const literals = this.#steps.filter((step) => typeof step === 'number');
    this.#bytes = [...new Set([SLASH, DOT, ...literals])].filter((byte) => byte > 0 && byte < 256);
  }

  build(): PathAutomaton | undefined {
    // NUL, the bytes that patterns name, all others.
    const classCount = this.#bytes.length + 2;
    const classOf = new Uint8Array(256).fill(classCount - 1);
    classOf[0] = 0;
    for (const [index, byte] of this.#bytes.entries()) classOf[byte] = index + 1;
    const other = classOf.indexOf(classCount - 1);

    const starts = this.#closed(this.#starts);
    const absolute = this.#stateOf(starts, 'inside');
    const relative = this.#stateOf(this.#anywhere(starts), 'slash');
    const next: number[] = [];
    const outputs: number[] = [];
    for (let state = this.#waiting.shift(); state !== undefined; state = this.#waiting.shift()) {
      const output = this.#outputOf(state);
      if (!outputs.includes(output)) outputs.push(output);
      const row = state.index * classCount;
      next[row] = outputs.indexOf(output);
      for (const [index, byte] of [...this.#bytes, other].entries())
        next[row + index + 1] = byte < 0 ? 0 : this.#step(state, byte).index;
      if (
        this.#states.size * classCount > this.#options.mostCells ||
        this.#states.size > MOST_STATES ||
        outputs.length > this.#options.mostOutputs
      )
        return undefined;
    }
    return {
      classOf,
      classCount,
      next: Uint16Array.from(next),
      outputs,
      absoluteStart: absolute.index,
      relativeStart: relative.index,
    };
  }

  #stateOf(positions: readonly number[], place: Place): State {
    const key = `${place} ${positions.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state = { positions, place, index: this.#states.size };
    this.#states.set(key, state);
    this.#waiting.push(state);
    return state;
  }

  #step({ positions, place }: State, byte: number): State {
    if (byte !== SLASH) return this.#stateOf(this.#advance(positions, byte), placeAfter(place, byte));
    // Repeated slashes are one.
    if (place === 'slash') return this.#stateOf(positions, 'slash');
    const after = this.#advance(positions, byte);
    return this.#stateOf(place === 'inside' ? after : this.#anywhere(after), 'slash');
  }

  /**
   * Patterns for resolved paths may be wherever a directory ends, at their start, or after what stands for an unknown
   * directory; the others are where they are.
   */
  #anywhere(positions: readonly number[]): readonly number[] {
    const given = positions.filter((position) => !this.#isResolved[position]);
    return sorted([...given, ...this.#anyBase()]);
  }

  #anyBase(): readonly number[] {
    const isResolved = (position: number): boolean => this.#isResolved[position] ?? false;
    const afterSlash = this.#advance([...this.#steps.keys()].filter(isResolved), SLASH);
    let unknown = this.#closed(this.#starts.filter(isResolved));
    const start = unknown;
    for (const byte of Buffer.from(UNKNOWN_BASE, 'latin1')) unknown = this.#advance(unknown, byte);
    return [...start, ...afterSlash, ...unknown];
  }

  #advance(positions: readonly number[], byte: number): readonly number[] {
    const after: number[] = [];
    for (const position of positions) {
      const step = this.#steps[position];
      if (step === byte || step === 'any') after.push(position + 1);
      else if (step === 'any-run' || (step === 'name-run' && byte !== SLASH)) after.push(position);
    }
    return this.#closed(after);
  }

  /** Runs may be empty. */
  #closed(positions: readonly number[]): readonly number[] {
    const closed = new Set(positions);
    for (const position of closed) {
      const step = this.#steps[position];
      if (step === 'any-run' || step === 'name-run') closed.add(position + 1);
    }
    return sorted(closed);
  }

  /** A path that ends in a slash or in a component of dots resolves to something before: anything goes. */
  #outputOf({ positions, place }: State): number {
    if (place !== 'inside') return this.#options.outputOf(this.#all);
    const ends = positions.filter((position) => this.#steps[position] === undefined);
    return this.#options.outputOf(new Set(ends.map((position) => this.#patternAt[position] ?? 0)));
  }
}

function placeAfter(place: Place, byte: number): Place {
  if (byte !== DOT) return 'inside';
  if (place === 'slash') return 'dot';
  return place === 'dot' ? 'dots' : 'inside';
}

function sorted(positions: Iterable<number>): readonly number[] {
  return [...new Set(positions)].sort((a, b) => a - b);
}
