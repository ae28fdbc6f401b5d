/** Recordings of the sensor in this process, as actions get them. */

import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { ActionPorts } from '@peregrine/actions';
import { Fault } from '@peregrine/base';
import type { LocalSensor } from '../ui/rules/sensor-port.ts';

/** Larger ones stay where the sensor put them. */
const MOST_BYTES = 256 * 1024 * 1024;

export function recordWith(sensor: () => LocalSensor | undefined): NonNullable<ActionPorts['record']> {
  return async ({ seconds }) => {
    const found = sensor();
    if (found === undefined)
      throw new Fault('no-sensor', 'this hub has no sensor in its process: only `peregrine up` has');
    const became = await found.port.record(seconds * 1000);
    if (became.kind === 'refused') throw new Fault('no-recording', became.reason);
    const { path } = became;
    if (statSync(path).size > MOST_BYTES)
      throw new Fault(
        'recording-too-large',
        `the recording is too large to be passed on, and stays at \`${path}\``,
      );
    return { name: basename(path), contentType: 'application/octet-stream', bytes: readFileSync(path) };
  };
}
