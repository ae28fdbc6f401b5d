/**
 * Headers of SPDY/3.1: names and values, compressed over the whole connection, in each direction by itself. Blocks must be
 * given in the order in which they are on the wire.
 */

import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { spdyDictionary } from './spdy-dictionary.ts';

export type SpdyHeaders = Readonly<Record<string, string>>;

export class HeaderEncoder {
  readonly #deflate: Deflate = createDeflate({ dictionary: spdyDictionary() });

  async encode(headers: SpdyHeaders): Promise<Buffer> {
    const entries = Object.entries(headers).flatMap(([name, value]) => [sized(name), sized(value)]);
    const block = Buffer.concat([numberBytes(entries.length / 2), ...entries]);
    await new Promise<void>((resolve) => this.#deflate.write(block, () => resolve()));
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    return readAll(this.#deflate);
  }

  close(): void {
    this.#deflate.close();
  }
}

export class HeaderDecoder {
  readonly #inflate: Inflate = createInflate({ dictionary: spdyDictionary() });

  /** Names in lower case. Rejects for what is no such block. */
  async decode(block: Buffer): Promise<SpdyHeaders> {
    await new Promise<void>((resolve, reject) => {
      this.#inflate.once('error', reject);
      this.#inflate.write(block, () => {
        this.#inflate.off('error', reject);
        resolve();
      });
    });
    return headersOf(readAll(this.#inflate));
  }

  close(): void {
    this.#inflate.close();
  }
}

function headersOf(block: Buffer): SpdyHeaders {
  const headers: Record<string, string> = {};
  let place = 4;
  const next = (): string => {
    const end = place + 4 + block.readUInt32BE(place);
    const text = block.toString('latin1', place + 4, end);
    place = end;
    return text;
  };
  for (let left = block.readUInt32BE(0); left > 0; left--) {
    const name = next().toLowerCase();
    headers[name] = next();
  }
  return headers;
}

function readAll(stream: Deflate | Inflate): Buffer {
  const chunks: Buffer[] = [];
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([numberBytes(bytes.length), bytes]);
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
