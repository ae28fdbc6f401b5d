/** Ids of alerts, and places in the order of their times, as texts that others keep. */

/** Where an alert stands among the others. */
export interface Place {
  readonly timeNs: bigint;
  readonly seq: number;
}

export function comparePlaces(a: Place, b: Place): number {
  return a.timeNs === b.timeNs ? a.seq - b.seq : a.timeNs < b.timeNs ? -1 : 1;
}

export const idOf = (seq: number): string => seq.toString(36);

/** `undefined` for what is no id. */
export function seqOf(id: string): number | undefined {
  const seq = /^[0-9a-z]{1,10}$/.test(id) ? Number.parseInt(id, 36) : Number.NaN;
  return Number.isSafeInteger(seq) && idOf(seq) === id ? seq : undefined;
}

export const cursorOf = ({ timeNs, seq }: Place): string => `${timeNs.toString(36)}.${seq.toString(36)}`;

/** `undefined`, which is the first page, for a cursor that was never given out. */
export function placeFrom(cursor: string): Place | undefined {
  const [, sign = '', time = '', seq = ''] = /^(-?)([0-9a-z]{1,14})\.([0-9a-z]{1,10})$/.exec(cursor) ?? [];
  if (seq === '') return undefined;
  let timeNs = 0n;
  for (const digit of time) timeNs = timeNs * 36n + BigInt(Number.parseInt(digit, 36));
  return { timeNs: sign === '' ? timeNs : -timeNs, seq: Number.parseInt(seq, 36) };
}
