/** Room for objects in the threads that events are worked on in. */

import { setFlagsFromString } from 'node:v8';

/** Half of the room for new objects, MB; the launchers give the main thread more. */
const SEMI_SPACE_MB = 2;
/** Percent. The launchers say 50, which suits a replay. */
const GROWTH_BESIDE_SERVERS = 100;

/**
 * Holds for threads that begin from now on. Few new objects live long, and V8 never gives back what their room once grew
 * to. Pieces of requests are freed with the new objects that hold them: with more room they pile up.
 */
export function limitNewSpace(): void {
  setFlagsFromString(`--max-semi-space-size=${SEMI_SPACE_MB}`);
}

/**
 * For threads that receive requests; holds for all threads. V8 counts the pieces of requests as part of the heap, and looks
 * through all of it each time that it has grown so much: beside a small heap, for every five batches of audit events, which
 * took as much time as anything else that is done with them (bench/k8s-audit.ts).
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_BESIDE_SERVERS}`);
}
