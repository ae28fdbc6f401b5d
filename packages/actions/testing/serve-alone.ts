/** What acts on this machine in a process of its own, which a test may have put into a namespace. */

import { Socket } from 'node:net';
import { deedRoster } from '../src/host/deeds/roster.ts';
import { serveHands } from '../src/host/hands-server.ts';
import { defaultHandsSettings } from '../src/host/hands-settings.ts';
import { openLinuxCalls } from '../src/host/linux/calls.ts';

await serveHands(new Socket({ fd: 3 }), {
  deeds: deedRoster,
  hasCapability: () => true,
  settings: defaultHandsSettings(JSON.parse(process.argv[2] ?? '{}')),
  calls: openLinuxCalls(),
  ownPids: [process.pid, process.ppid],
  accountsRoot: process.argv[3] ?? '',
});
