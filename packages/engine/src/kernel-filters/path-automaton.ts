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
  /**
   * Two states between which every byte leads but dots and the NUL: slashes into the second, others into the first. An
   * absolute path is there as soon as it can no longer match without a dot. `undefined` where there is no such pair.
   */
  readonly quiet: { readonly inside: number; readonly afterSlash: number } | undefined;
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
const WORD_BITS = 32;

/** Where the path is in its current component. A component of dots changes what came before. */
type Place = 'slash' | 'dot' | 'dots' | 'inside';

interface State {
  readonly positions: PositionSet;
  readonly place: Place;
  readonly index: number;
}

/** Positions in all patterns, one after the other, as bits. Never changed once made. */
type PositionSet = Uint32Array;

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
  readonly #all: ReadonlySet<number>;
  readonly #bytes: readonly number[];
  readonly #wordCount: number;
  readonly #starts: PositionSet;
  readonly #resolved: PositionSet;
  readonly #ends: PositionSet;
  readonly #runs: PositionSet;
  /** By byte: the positions that it leads on from, and those that it leaves where they are. */
  readonly #moves = new Map<number, { readonly on: PositionSet; readonly stay: PositionSet }>();
  readonly #anyBase: PositionSet;
  /** By hash. */
  readonly #states = new Map<number, readonly State[]>();
  #stateCount = 0;
  readonly #waiting: State[] = [];

  constructor(patterns: readonly PathPattern[], options: AutomatonOptions) {
    this.#options = options;
    const starts: number[] = [];
    const resolved: number[] = [];
    for (const [index, { steps, subject }] of patterns.entries()) {
      starts.push(this.#steps.length);
      for (const step of [...steps, undefined]) {
        if (subject === 'resolved') resolved.push(this.#steps.length);
        this.#steps.push(step);
        this.#patternAt.push(index);
      }
    }
    this.#all = new Set(patterns.keys());
    const literals = this.#steps.filter((step) => typeof step === 'number');
    this.#bytes = [...new Set([SLASH, DOT, ...literals])].filter((byte) => byte > 0 && byte < 256);
    this.#wordCount = Math.ceil(this.#steps.length / WORD_BITS);
    this.#runs = this.#where((step) => step === 'any-run' || step === 'name-run');
    this.#ends = this.#where((step) => step === undefined);
    this.#resolved = this.#setOf(resolved);
    this.#starts = this.#close(this.#setOf(starts));
    this.#anyBase = this.#findAnyBase();
  }

  build(): PathAutomaton | undefined {
    // NUL, the bytes that patterns name, all others.
    const classCount = this.#bytes.length + 2;
    const classOf = new Uint8Array(256).fill(classCount - 1);
    classOf[0] = 0;
    for (const [index, byte] of this.#bytes.entries()) classOf[byte] = index + 1;
    const other = classOf.indexOf(classCount - 1);

    const absolute = this.#stateOf(this.#starts, 'inside');
    const relative = this.#stateOf(this.#anywhere(this.#starts), 'slash');
    const next: number[] = [];
    const outputs: number[] = [];
    for (let state = this.#waiting.pop(); state !== undefined; state = this.#waiting.pop()) {
      const output = this.#outputOf(state);
      if (!outputs.includes(output)) outputs.push(output);
      const row = state.index * classCount;
      next[row] = outputs.indexOf(output);
      for (const [index, byte] of [...this.#bytes, other].entries())
        next[row + index + 1] = byte < 0 ? 0 : this.#step(state, byte).index;
      if (
        this.#stateCount * classCount > this.#options.mostCells ||
        this.#stateCount > MOST_STATES ||
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
      quiet: this.#quietPair(absolute, other),
    };
  }

  /** `other` is a byte that no pattern names. */
  #quietPair(absolute: State, other: number): PathAutomaton['quiet'] {
    if (other < 0) return undefined;
    const inside = this.#step(this.#step(absolute, SLASH), other);
    const afterSlash = this.#step(inside, SLASH);
    const isQuiet = [...this.#bytes, other].every(
      (byte) =>
        byte === DOT ||
        [inside, afterSlash].every(
          (state) => this.#step(state, byte) === (byte === SLASH ? afterSlash : inside),
        ),
    );
    return isQuiet ? { inside: inside.index, afterSlash: afterSlash.index } : undefined;
  }

  #stateOf(positions: PositionSet, place: Place): State {
    const hash = hashOf(positions, place);
    const alike = this.#states.get(hash) ?? [];
    const known = alike.find((state) => state.place === place && isSame(state.positions, positions));
    if (known !== undefined) return known;
    const state = { positions, place, index: this.#stateCount++ };
    this.#states.set(hash, [...alike, state]);
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
  #anywhere(positions: PositionSet): PositionSet {
    return positions.map((word, at) => (word & ~(this.#resolved[at] ?? 0)) | (this.#anyBase[at] ?? 0));
  }

  #findAnyBase(): PositionSet {
    const start = this.#both(this.#starts, this.#resolved);
    let unknown = start;
    for (const byte of Buffer.from(UNKNOWN_BASE, 'latin1')) unknown = this.#advance(unknown, byte);
    return this.#either(start, this.#either(this.#advance(this.#resolved, SLASH), unknown));
  }

  #advance(positions: PositionSet, byte: number): PositionSet {
    const { on, stay } = this.#movesOf(byte);
    const after = new Uint32Array(this.#wordCount);
    let carry = 0;
    for (let at = 0; at < after.length; at++) {
      const word = positions[at] ?? 0;
      const moved = word & (on[at] ?? 0);
      after[at] = (moved << 1) | carry | (word & (stay[at] ?? 0));
      carry = moved >>> (WORD_BITS - 1);
    }
    return this.#close(after);
  }

  #movesOf(byte: number): { readonly on: PositionSet; readonly stay: PositionSet } {
    let moves = this.#moves.get(byte);
    if (moves === undefined) {
      moves = {
        on: this.#where((step) => step === byte || step === 'any'),
        stay: this.#where((step) => step === 'any-run' || (step === 'name-run' && byte !== SLASH)),
      };
      this.#moves.set(byte, moves);
    }
    return moves;
  }

  /** Runs may be empty. Changes and returns what it is given. */
  #close(positions: Uint32Array): PositionSet {
    // A set bit may only set the next one, so that one way upwards reaches all.
    let carry = 0;
    for (let at = 0; at < positions.length; at++) {
      const runs = this.#runs[at] ?? 0;
      let word = (positions[at] ?? 0) | carry;
      for (let before = 0; before !== word; ) {
        before = word;
        word |= (word & runs) << 1;
      }
      positions[at] = word;
      carry = (word & runs) >>> (WORD_BITS - 1);
    }
    return positions;
  }

  #where(holds: (step: PatternStep | undefined) => boolean): PositionSet {
    return this.#setOf([...this.#steps.keys()].filter((position) => holds(this.#steps[position])));
  }

  #setOf(positions: readonly number[]): Uint32Array {
    const set = new Uint32Array(this.#wordCount);
    for (const position of positions) {
      const at = Math.floor(position / WORD_BITS);
      set[at] = (set[at] ?? 0) | (1 << (position % WORD_BITS));
    }
    return set;
  }

  #both(one: PositionSet, other: PositionSet): PositionSet {
    return one.map((word, at) => word & (other[at] ?? 0));
  }

  #either(one: PositionSet, other: PositionSet): PositionSet {
    return one.map((word, at) => word | (other[at] ?? 0));
  }

  /** A path that ends in a slash or in a component of dots resolves to something before: anything goes. */
  #outputOf({ positions, place }: State): number {
    if (place !== 'inside') return this.#options.outputOf(this.#all);
    const matched = new Set<number>();
    for (const [at, word] of this.#both(positions, this.#ends).entries())
      for (let rest = word; rest !== 0; rest &= rest - 1)
        matched.add(this.#patternAt[at * WORD_BITS + 31 - Math.clz32(rest & -rest)] ?? 0);
    return this.#options.outputOf(matched);
  }
}

const places: readonly Place[] = ['slash', 'dot', 'dots', 'inside'];

function hashOf(positions: PositionSet, place: Place): number {
  let hash = places.indexOf(place);
  for (let at = 0; at < positions.length; at++) {
    hash = Math.imul(hash ^ (positions[at] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function isSame(one: PositionSet, other: PositionSet): boolean {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function placeAfter(place: Place, byte: number): Place {
  if (byte !== DOT) return 'inside';
  if (place === 'slash') return 'dot';
  return place === 'dot' ? 'dots' : 'inside';
}
