/**
 * Keeps metadata small: whoever starts a container chooses its labels, mounts and names. UTF-16 in, byte text out.
 */

import { toByteText } from '@peregrine/base';
import type { ContainerMount, ContainerProbe } from '@peregrine/state';

const MOST_LABELS = 512;
const MOST_LABEL_NAME_BYTES = 317;
const MOST_MOUNTS = 1_024;
const MOST_PATH_BYTES = 4_096;
const MOST_TEXT_BYTES = 4_096;
const MOST_WORDS = 64;
/** Of all labels of a container, or all its mounts, together. */
const MOST_BYTES_TOGETHER = 64 * 1024;

/** Cut, never in the middle of a character. */
export function boundText(text: string, mostBytes = MOST_TEXT_BYTES): string {
  const bytes = toByteText(text.length > mostBytes ? text.slice(0, mostBytes) : text);
  if (bytes.length <= mostBytes) return bytes;
  let end = mostBytes;
  while (end > 0 && (bytes.charCodeAt(end) & 0xc0) === 0x80) end--;
  return bytes.slice(0, end);
}

/** COMPAT: labels whose values are too long are left out whole. */
export function boundLabels(
  labels: Iterable<readonly [name: string, value: string]>,
  mostValueBytes: number,
): Record<string, string> {
  const bounded: [string, string][] = [];
  let bytes = 0;
  for (const [name, value] of labels) {
    if (bounded.length === MOST_LABELS) break;
    if (name.length > MOST_LABEL_NAME_BYTES || value.length > mostValueBytes) continue;
    const [key, text] = [toByteText(name), toByteText(value)];
    if (key.length > MOST_LABEL_NAME_BYTES || text.length > mostValueBytes) continue;
    bytes += key.length + text.length;
    if (bytes > MOST_BYTES_TOGETHER) break;
    bounded.push([key, text]);
  }
  return Object.fromEntries(bounded);
}

export function boundMounts(mounts: readonly ContainerMount[]): readonly ContainerMount[] {
  const bounded: ContainerMount[] = [];
  let bytes = 0;
  for (const { source, destination, mode, isWritable, propagation } of mounts.slice(0, MOST_MOUNTS)) {
    const mount = {
      source: boundText(source, MOST_PATH_BYTES),
      destination: boundText(destination, MOST_PATH_BYTES),
      mode: boundText(mode),
      isWritable,
      propagation: boundText(propagation),
    };
    bytes += mount.source.length + mount.destination.length + mount.mode.length + mount.propagation.length;
    if (bytes > MOST_BYTES_TOGETHER) break;
    bounded.push(mount);
  }
  return bounded;
}

export function boundProbe(words: readonly string[]): ContainerProbe | undefined {
  const [exe, ...args] = words.slice(0, MOST_WORDS).map((word) => boundText(word));
  return exe === undefined || exe === '' ? undefined : { exe, args };
}
