/** Starts what acts on this machine, puts itself anew in its own place, and asks then. */

import { readFileSync } from 'node:fs';
import { openPrivilegeCalls } from '../src/privileges/linux.ts';
import { inheritance } from '../src/response/hands/inheritance.ts';
import { inheritedHands, startHands } from '../src/response/hands/start-hands.ts';

const FIRST_PID = 'HANDS_HEIR_PID';

const hands = inheritedHands('node-1');
if (hands === undefined) {
  const { fd } = startHands({ capabilities: [], protections: {}, hostname: 'node-1' });
  const calls = openPrivilegeCalls();
  for (const own of [0, 1, 2, fd]) calls.keepOpen(own);
  const more = `${inheritance(fd)}\0${FIRST_PID}=${process.pid}\0`;
  throw new Error(
    calls.execute(
      process.execPath,
      readFileSync('/proc/self/cmdline'),
      Buffer.concat([readFileSync('/proc/self/environ'), Buffer.from(more)]),
    ),
  );
}
const patience = setTimeout(() => process.exit(1), 25_000);
const outcome = await hands.port.ask(
  { deed: 'sing', data: {}, isDryRun: false },
  new AbortController().signal,
);
clearTimeout(patience);
const isInheritedTwice = inheritedHands('node-1') !== undefined;
const isFirstPid = process.env[FIRST_PID] === String(process.pid);
process.stdout.write(JSON.stringify({ outcome, isInheritedTwice, isFirstPid }));
hands.close();
