/** Events of signals. */

import { defineEvents } from './define-event.ts';
import { errno, pid, signal } from './params.ts';

export const signalEvents = defineEvents([
  {
    name: 'kill',
    wireName: 'SYSCALL_KILL',
    code: 128,
    category: 'signal',
    status: 'exit',
    flags: ['converterManaged'],
    doc: 'A thread sent a signal to a process.',
    enter: [pid('pid'), signal('sig')],
    exit: [errno('res'), pid('pid'), signal('sig')],
  },
  {
    name: 'tkill',
    wireName: 'SYSCALL_TKILL',
    code: 130,
    category: 'signal',
    status: 'exit',
    flags: ['converterManaged'],
    doc: 'A thread sent a signal to a thread.',
    enter: [pid('tid'), signal('sig')],
    exit: [errno('res'), pid('tid'), signal('sig')],
  },
  {
    name: 'tgkill',
    wireName: 'SYSCALL_TGKILL',
    code: 132,
    category: 'signal',
    status: 'exit',
    flags: ['converterManaged'],
    doc: 'A thread sent a signal to a thread of a given process.',
    enter: [pid('pid'), pid('tid'), signal('sig')],
    exit: [errno('res'), pid('pid'), pid('tid'), signal('sig')],
  },
  {
    name: 'signaldeliver',
    wireName: 'SIGNALDELIVER',
    code: 232,
    category: 'signal',
    kind: 'tracepoint',
    status: 'current',
    flags: [],
    doc: 'A signal reached a process.',
    enter: [pid('spid'), pid('dpid'), signal('sig')],
  },
]);
