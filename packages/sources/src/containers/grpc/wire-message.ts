/**
 * Protocol buffers, as far as it takes to read a few fields of a message: fields by number, the rest passed over. What
 * does not parse throws.
 */

const MOST_FIELDS = 65_536;
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export class WireMessage {
  readonly #values = new Map<number, (number | Uint8Array)[]>();

  constructor(bytes: Uint8Array) {
    const reader = new WireReader(bytes);
    for (let count = 0; !reader.isAtEnd; count++) {
      if (count === MOST_FIELDS) throw malformed('it has too many fields');
      const key = reader.varint();
      const number = Math.floor(key / 8);
      const value = reader.value(key % 8);
      const known = this.#values.get(number);
      if (known === undefined) this.#values.set(number, [value]);
      else known.push(value);
    }
  }

  /** The last one counts, as the encoding wants it; absent is 0. */
  number(field: number): number {
    const value = this.#values.get(field)?.at(-1);
    return typeof value === 'number' ? value : 0;
  }

  flag(field: number): boolean {
    return this.number(field) !== 0;
  }

  /** UTF-16; absent is empty. */
  text(field: number): string {
    const value = this.#values.get(field)?.at(-1);
    return value instanceof Uint8Array ? Buffer.from(value).toString() : '';
  }

  message(field: number): WireMessage | undefined {
    return this.messages(field).at(-1);
  }

  messages(field: number): readonly WireMessage[] {
    return (this.#values.get(field) ?? []).flatMap((value) =>
      value instanceof Uint8Array ? [new WireMessage(value)] : [],
    );
  }

  /** A map of texts: a message of key and value for each. */
  entries(field: number): readonly (readonly [key: string, value: string])[] {
    return this.messages(field).map((entry) => [entry.text(1), entry.text(2)] as const);
  }
}

class WireReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** Exact within 2^53; nothing that is read here is larger. */
  varint(): number {
    let value = 0;
    for (let shift = 1, i = 0; i < 10; i++, shift *= 128) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) throw malformed('a number runs over the end');
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
    throw malformed('a number has too many digits');
  }

  value(wireType: number): number | Uint8Array {
    switch (wireType) {
      case WIRE.varint:
        return this.varint();
      case WIRE.bytes:
        return this.#take(this.varint());
      case WIRE.fixed64:
        return this.#take(8);
      case WIRE.fixed32:
        return this.#take(4);
      default:
        throw malformed(`there is no wire type ${wireType}`);
    }
  }

  #take(size: number): Uint8Array {
    const end = this.#position + size;
    if (end > this.#bytes.length) throw malformed('a field runs over the end');
    const value = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return value;
  }
}

function malformed(why: string): Error {
  return new Error(`its answer is malformed: ${why}`);
}

/** A message of texts, flags and messages, which is all that our questions are made of. */
export type Question = Readonly<Record<number, string | boolean | Buffer>>;

export function encodeMessage(fields: Question): Buffer {
  return Buffer.concat(Object.entries(fields).map(([number, value]) => encodeField(Number(number), value)));
}

function encodeField(number: number, value: string | boolean | Buffer): Buffer {
  if (typeof value === 'boolean') return Buffer.from([number * 8 + WIRE.varint, value ? 1 : 0]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([number * 8 + WIRE.bytes]), encodeVarint(bytes.length), bytes]);
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
