/** Where a capture's bytes come from: a file, a decompressor, memory. A port, filled in by the sources. */

export interface ByteInput {
  /**
   * Puts up to `size` bytes at `offset` of `target` and returns how many, at least one; 0 at the end. May block.
   */
  read(target: Uint8Array, offset: number, size: number): number;
  close(): void;
}

/** Bytes that are at hand already. */
export function memoryInput(bytes: Uint8Array): ByteInput {
  let position = 0;
  return {
    read(target, offset, size) {
      const end = Math.min(position + size, bytes.length);
      target.set(bytes.subarray(position, end), offset);
      const count = end - position;
      position = end;
      return count;
    },
    close() {},
  };
}
