/** Certificates and keys that an output's own section names. */

import { readFileSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import { reasonOf } from '../../transport/write-all.ts';

/** `key` is the whole path of the key that names the file: `logstash.certfile`. */
export function readPem(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Fault('output-unavailable', `cannot read \`${key}\`: ${reasonOf(error)}`, { cause: error });
  }
}
