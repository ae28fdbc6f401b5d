/**
 * DEFLATE data unpacked a piece at a time, without waiting and in bounded memory: by the `fflate` package, since Node's
 * own decompressors either wait for callbacks or want all of the input at once. The package is loaded with the first
 * compressed file.
 */

import { createRequire } from 'node:module';
import type * as Fflate from 'fflate';

const NOTHING = new Uint8Array(0);

export class DeflateStream {
  readonly #stream: Fflate.Inflate;
  #output: Uint8Array = NOTHING;

  constructor() {
    // `as`: `require` cannot know the type of what it loads.
    const { Inflate } = createRequire(import.meta.url)('fflate') as typeof Fflate;
    this.#stream = new Inflate((output) => {
      this.#output = output;
    });
  }

  /**
   * Unpacks what can be told from the pieces so far; throws on damage. A piece of n bytes gives at most 1032 n, after
   * up to 64 KiB of stored data that waited for its end.
   */
  push(piece: Uint8Array): Uint8Array {
    this.#output = NOTHING;
    this.#stream.push(piece);
    return this.#output;
  }

  /** How many bytes at the end of the last piece lie behind the end of the stream; `undefined` before it has ended. */
  bytesBehindEnd(): number | undefined {
    const { p: rest, s: state } = stateOf(this.#stream);
    if (!state.f || state.l) return undefined;
    return rest.length - (state.p > 0 ? 1 : 0);
  }
}

/** Between two pushes: bytes not used up, and of their first the bits that are. */
interface StreamState {
  readonly p: Uint8Array;
  readonly s: {
    /** Whether the last block has begun. */
    readonly f?: number;
    /** Code table of the block that is being read. */
    readonly l?: Uint16Array | null;
    readonly p: number;
  };
}

/**
 * The stream's own members: the package has no call that tells where a stream ends, which the checksum behind it and
 * further streams depend on. They belong to no contract, so the version is pinned and a change must show at once.
 */
function stateOf(stream: Fflate.Inflate): StreamState {
  // `as`: these members are private to the package's types; their presence is checked here.
  const members = stream as unknown as Partial<StreamState>;
  if (!(members.p instanceof Uint8Array) || typeof members.s?.p !== 'number') {
    throw new Error('this version of `fflate` keeps its state elsewhere');
  }
  return members as StreamState;
}
