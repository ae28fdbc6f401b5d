/** Blobs of the store: compressed or as they are, each with a checksum, so that damage is found when it is read. */

import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** What is read is not what was written. */
export class DamagedBlob extends Error {}

const RAW = 0;
const ZSTD = 1;
const HEAD_BYTES = 5;
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** `isRaw`: read often and whole, so that unpacking would cost more than reading. */
export function packBlob(bytes: Uint8Array, isRaw = false): Buffer {
  const body = isRaw ? bytes : zstdCompressSync(bytes, options);
  const packed = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  packed[0] = isRaw ? RAW : ZSTD;
  packed.writeUInt32LE(crc32(body), 1);
  packed.set(body, HEAD_BYTES);
  return packed;
}

/** Throws a `DamagedBlob`. */
export function unpackBlob(packed: Uint8Array): Buffer {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const body = bytes.subarray(HEAD_BYTES);
  if (bytes.length < HEAD_BYTES || crc32(body) !== bytes.readUInt32LE(1))
    throw new DamagedBlob('its checksum does not fit');
  try {
    return bytes[0] === RAW ? body : zstdDecompressSync(body);
  } catch (cause) {
    throw new DamagedBlob('it cannot be unpacked', { cause });
  }
}
