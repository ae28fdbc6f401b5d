/** Events that Falcosidekick-UI has: as its page exports them, and as its Redis keeps them. */

import { createReadStream } from 'node:fs';
import { type HubValue, parseJson, skipSpace } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import { readRedisHashes } from '@peregrine/outputs/hub';

/** COMPAT: its export is one list, and as long as its page asks for. */
const MOST_FILE_BYTES = 512 * 1024 * 1024;

export type ReadEvent = { readonly value: HubValue } | { readonly problem: string };

/** `redis://...`, `rediss://...`, or a file with a list of events, or with one on each line. Throws a `Fault`. */
export function readEvents(source: string): AsyncIterable<ReadEvent> {
  return /^rediss?:\/\//.test(source) ? fromRedis(source) : fromFile(source);
}

async function* fromFile(path: string): AsyncGenerator<ReadEvent> {
  const text = await textOf(path);
  const at = skipSpace(text, 0);
  if (text[at] !== '[') {
    for (const line of text.split('\n')) if (line.trim() !== '') yield read(line);
    return;
  }
  const parsed = parseJson(text, at);
  if ('problem' in parsed) throw new Fault('import-unreadable', `\`${path}\` is no JSON: ${parsed.problem}`);
  // What begins with a bracket is a list.
  for (const value of parsed.value as readonly HubValue[]) yield { value };
}

async function textOf(path: string): Promise<string> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const part of path === '-' ? process.stdin : createReadStream(path)) {
      parts.push(part);
      sizeBytes += part.length;
      if (sizeBytes > MOST_FILE_BYTES) {
        throw new Fault('import-too-large', `\`${path}\` is larger than ${MOST_FILE_BYTES} bytes`, {
          hint: 'split it: one event on each line is taken, too',
        });
      }
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('import-unreadable', `cannot read \`${path}\`: ${reason}`, { cause });
  }
  return Buffer.concat(parts).toString('utf8');
}

function read(json: string): ReadEvent {
  const parsed = parseJson(json);
  return 'problem' in parsed ? parsed : { value: parsed.value };
}

/** COMPAT: each event is a hash `event:UUID`, whose field `json` has all of it. */
async function* fromRedis(url: string): AsyncGenerator<ReadEvent> {
  for await (const json of readRedisHashes({ url, match: 'event:*', field: 'json' })) yield read(json);
}
