/** Kernel filters as the probe reads them: the bytes of `struct filter_set` in `bpf/rule-filter.h`. */

import type { KernelFilters } from './derive.ts';
import { openResult } from './open-needs.ts';
import { buildPathAutomaton, type PathAutomaton } from './path-automaton.ts';
import { type PathPattern, patternKey } from './path-pattern.ts';

/** Byte offsets, and sizes. */
export const filterLayout = {
  pathless: 0,
  absoluteStart: 4,
  relativeStart: 8,
  classCount: 12,
  quiet: 16,
  quietAfterSlash: 20,
  onSuccess: 24,
  onFailure: 26,
  action: 32,
  byFlags: 544,
  classOf: 2_592,
  outputs: 2_848,
  next: 3_872,
  sizeBytes: 266_016,
} as const;

const MOST_CELLS = 131_072;
const MOST_OUTPUTS = 256;
/** States are 16-bit numbers. */
const NO_STATE = 0xffff_ffff;

export const filterAction = { pass: 0, open: 1, knownFd: 2, untold: 3, message: 4 } as const;

export function encodeKernelFilters(filters: KernelFilters): Uint8Array {
  const bytes = new Uint8Array(filterLayout.sizeBytes);
  const view = new DataView(bytes.buffer);
  for (const code of filters.openCodes) bytes[filterLayout.action + code] = filterAction.open;
  for (const code of filters.knownFdCodes) bytes[filterLayout.action + code] = filterAction.knownFd;
  for (const code of filters.untoldCodes) bytes[filterLayout.action + code] = filterAction.untold;
  for (const code of filters.messageCodes) bytes[filterLayout.action + code] = filterAction.message;
  writeGroups(filters, view);
  const automaton = automatonOf(filters);
  view.setUint32(
    filterLayout.pathless,
    maskOf(filters.opens.map(({ path }) => path === true || automaton === undefined)),
    true,
  );
  if (automaton !== undefined) writeAutomaton(automaton, view);
  return bytes;
}

/** Which groups take an open, by each byte of its flags, and by its result. */
function writeGroups({ opens }: KernelFilters, view: DataView): void {
  const maskWhere = (holds: (open: KernelFilters['opens'][number]) => boolean): number =>
    maskOf(opens.map(holds));
  view.setUint16(
    filterLayout.onSuccess,
    maskWhere(({ results }) => (results & openResult.success) !== 0),
    true,
  );
  view.setUint16(
    filterLayout.onFailure,
    maskWhere(({ results }) => (results & openResult.failure) !== 0),
    true,
  );
  for (let byte = 0; byte < 4; byte++)
    for (let value = 0; value < 256; value++)
      view.setUint16(
        filterLayout.byFlags + 2 * (256 * byte + value),
        maskWhere(({ flags }) => ((flags >>> (8 * byte)) & value) !== 0),
        true,
      );
}

function maskOf(bits: readonly boolean[]): number {
  return bits.reduce((mask, isSet, index) => (isSet ? mask | (1 << index) : mask), 0) >>> 0;
}

/** `undefined` when no path is asked for, or too many: then all paths pass. */
function automatonOf({ opens }: KernelFilters): PathAutomaton | undefined {
  const patterns = new Map<string, PathPattern>();
  for (const { path } of opens)
    if (path !== true) for (const pattern of path) patterns.set(patternKey(pattern), pattern);
  if (patterns.size === 0) return undefined;
  const indexOf = new Map([...patterns.keys()].map((key, index) => [key, index]));
  const wanted = opens.map(({ path }) =>
    path === true ? path : path.map((pattern) => indexOf.get(patternKey(pattern)) ?? -1),
  );
  return buildPathAutomaton([...patterns.values()], {
    outputOf: (matched) =>
      maskOf(wanted.map((indexes) => indexes === true || indexes.some((index) => matched.has(index)))),
    mostCells: MOST_CELLS,
    mostOutputs: MOST_OUTPUTS,
  });
}

function writeAutomaton(automaton: PathAutomaton, view: DataView): void {
  view.setUint32(filterLayout.absoluteStart, automaton.absoluteStart, true);
  view.setUint32(filterLayout.relativeStart, automaton.relativeStart, true);
  view.setUint32(filterLayout.classCount, automaton.classCount, true);
  view.setUint32(filterLayout.quiet, automaton.quiet?.inside ?? NO_STATE, true);
  view.setUint32(filterLayout.quietAfterSlash, automaton.quiet?.afterSlash ?? NO_STATE, true);
  for (const [byte, value] of automaton.classOf.entries()) view.setUint8(filterLayout.classOf + byte, value);
  for (const [index, output] of automaton.outputs.entries())
    view.setUint32(filterLayout.outputs + 4 * index, output, true);
  for (const [cell, state] of automaton.next.entries())
    view.setUint16(filterLayout.next + 2 * cell, state, true);
}
