/**
 * Blobs of the store: compressed or as they are, each with a checksum, so that damage is found when it is read. The checksum
 * is over what the blob is, too (`block 65 64`): one that stands in the place of another is as damaged as any.
 */

import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** What is read is not what was written. */
export class DamagedBlob extends Error {}

/** COMPAT: schema 1 had kinds 0 and 1, whose checksum is over the bytes alone. */
const OLD_RAW = 0;
const RAW = 2;
const ZSTD = 3;
const HEAD_BYTES = 5;
/** No blob comes near it: what unpacks to more is none of ours. */
const MOST_BYTES = 512 * 1024 * 1024;
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** `isRaw`: read often and whole, so that unpacking would cost more than reading. */
export function packBlob(identity: string, bytes: Uint8Array, isRaw = false): Buffer {
  const body = isRaw ? bytes : zstdCompressSync(bytes, options);
  const kind = isRaw ? RAW : ZSTD;
  const packed = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  packed[0] = kind;
  packed.writeUInt32LE(checksum(identity, kind, body), 1);
  packed.set(body, HEAD_BYTES);
  return packed;
}

/** Throws a `DamagedBlob`. */
export function unpackBlob(identity: string, packed: unknown): Buffer {
  if (!(packed instanceof Uint8Array)) throw new DamagedBlob('it is not there');
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const kind = bytes[0] ?? 0;
  const body = bytes.subarray(HEAD_BYTES);
  if (kind > ZSTD || bytes.length < HEAD_BYTES || checksum(identity, kind, body) !== bytes.readUInt32LE(1))
    throw new DamagedBlob('its checksum does not fit');
  if (kind === RAW || kind === OLD_RAW) return body;
  try {
    return zstdDecompressSync(body, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new DamagedBlob('it cannot be unpacked', { cause });
  }
}

function checksum(identity: string, kind: number, body: Uint8Array): number {
  return kind < RAW ? crc32(body) : crc32(body, crc32(`${kind} ${identity}`));
}
