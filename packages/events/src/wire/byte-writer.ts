/** Bytes that grow as they are written, little-endian. For encoders; nothing per live event. */

const MOST_SIZED_BYTES = 0xffff;

export class ByteWriter {
  #bytes = new Uint8Array(256);
  #data = new DataView(this.#bytes.buffer);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  #grow(count: number): number {
    const at = this.#size;
    if (at + count > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, at + count));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
      this.#data = new DataView(bytes.buffer);
    }
    this.#size = at + count;
    return at;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#data.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2);
    this.#data.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    this.#data.setUint32(at, value, true);
    return this;
  }

  /** In network order. */
  u32Network(value: number): this {
    const at = this.#grow(4);
    this.#data.setUint32(at, value, false);
    return this;
  }

  /** 64 bits; negative values in two's complement. */
  u64(value: number | bigint): this {
    const at = this.#grow(8);
    this.#data.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
    return this;
  }

  f64(value: number): this {
    const at = this.#grow(8);
    this.#data.setFloat64(at, value, true);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** Byte text, as it is. */
  text(value: string): this {
    return this.bytes(Buffer.from(value, 'latin1'));
  }

  /** Byte text behind its length (16 bits); what the length cannot say is cut off. */
  sizedText(value: string): this {
    const text = value.length > MOST_SIZED_BYTES ? value.slice(0, MOST_SIZED_BYTES) : value;
    return this.u16(text.length).text(text);
  }

  /** Writes over two bytes that are there already. */
  patchU16(at: number, value: number): void {
    this.#data.setUint16(at, value, true);
  }

  /** Writes over four bytes that are there already. */
  patchU32(at: number, value: number): void {
    this.#data.setUint32(at, value, true);
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }
}
