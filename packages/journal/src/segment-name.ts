/** Names of segments: the first sequence number and the salt of the checksums, so that neither can be lost with a file. */

export interface SegmentName {
  readonly text: string;
  readonly firstSeq: number;
  readonly salt: number;
}

export function segmentName(firstSeq: number, salt: number): SegmentName {
  const text = `${String(firstSeq).padStart(16, '0')}-${salt.toString(16).padStart(8, '0')}.log`;
  return { text, firstSeq, salt };
}

/** `undefined` for files that are no segments. */
export function parseSegmentName(text: string): SegmentName | undefined {
  const match = /^(\d{16})-([0-9a-f]{8})\.log$/.exec(text);
  if (match === null) return undefined;
  const [, seq = '', salt = ''] = match;
  return { text, firstSeq: Number(seq), salt: Number.parseInt(salt, 16) };
}
