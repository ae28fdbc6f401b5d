/** What a file holds that somebody wants replayed: recorded kernel events, or JSON documents, and of which source. */

import { closeSync, openSync, readSync } from 'node:fs';
import type { Json } from '@peregrine/base';
import { guessSource } from '../plugins/guess-source.ts';

const HEAD_BYTES = 1 << 16;
const GZIP_MAGIC = 0x1f8b;
/** First bytes of a capture; all of them are white space in a text. */
const CAPTURE_MAGIC = 0x0a0d0d0a;

/** Name of the source of events in the file; `undefined` when it holds no JSON, or cannot be read. */
export function documentSourceOf(path: string): string | undefined {
  const head = headOf(path);
  if (head.length < 4 || head.readUInt32BE() === CAPTURE_MAGIC) return undefined;
  const text = head.toString('utf8').trimStart();
  if (!/^[[{]/.test(text)) return undefined;
  return guessSource(firstDocument(text), text);
}

/** Of a document that does not end within the head, nothing is known but its text. */
function firstDocument(text: string): Json | undefined {
  for (const candidate of [text, text.slice(0, text.indexOf('\n'))]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // The next way of reading it may do.
    }
  }
  return undefined;
}

function headOf(path: string): Buffer {
  const empty = Buffer.alloc(0);
  // Standard input cannot be looked at twice.
  if (path === '-') return empty;
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const bytes = Buffer.alloc(HEAD_BYTES);
    const head = bytes.subarray(0, readSync(file, bytes, 0, HEAD_BYTES, 0));
    const isGzip = head.length > 2 && head.readUInt16BE() === GZIP_MAGIC;
    if (!isGzip) return head;
    const { constants, gunzipSync } = process.getBuiltinModule('node:zlib');
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return empty;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
