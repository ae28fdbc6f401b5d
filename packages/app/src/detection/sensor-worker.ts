/** Entry of the sensor's thread. */

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Fault } from '@peregrine/base';
import { runSensor } from './sensor.ts';
import type { FromSensor, SensorStart, ToSensor } from './sensor-messages.ts';

const port = parentPort;
if (port === null) throw new Error('the sensor runs in a thread of its own');
const tell = (message: FromSensor): void => port.postMessage(message);

try {
  // Only the main thread of this program starts this one.
  const start = workerData as SensorStart;
  await runSensor(start, {
    tell,
    // The same: nobody else has the other end.
    next: () => receiveMessageOnPort(port)?.message as ToSensor | undefined,
  });
} catch (error) {
  if (error instanceof Fault)
    tell({ kind: 'fault', code: error.code, message: error.message, hint: error.hint });
  else throw error;
}
port.close();
