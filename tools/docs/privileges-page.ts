/** Reference of what the live sensor may do, from the declarations that the running program goes by. */

import { neededCapabilities } from '../../packages/app/src/privileges/capabilities.ts';
import {
  absentCalls,
  limitedCalls,
  programCalls,
  type RefusedCalls,
  refusedCalls,
} from '../../packages/app/src/privileges/refused-calls.ts';
import { code, type Page, section, table } from './markdown.ts';

export function privilegesPage(): Page {
  return {
    name: 'privileges.md',
    title: 'Privileges',
    summary: 'Capabilities that watching live takes and who keeps them, and system calls that are refused.',
    body: [
      section(
        'Capabilities',
        'Held while the probe is loaded. Afterwards a thread has those that it is listed with: `main` has outputs, files and the web server, `sensor` the events of the kernel; in `peregrine capture` one thread is both. Threads of the JavaScript engine keep what the start took.',
        table(
          ['capability', 'for', 'when', 'kept by', 'without it'],
          neededCapabilities.map(({ name, purpose, condition, keptBy, without }) => [
            code(name),
            purpose,
            condition?.text ?? 'always',
            keptBy.length === 0 ? 'nobody' : keptBy.join(', '),
            without ?? 'nothing is watched',
          ]),
        ),
        '`CAP_SYS_ADMIN` stands in for `CAP_BPF` and `CAP_PERFMON` where these are missing.',
      ),
      section(
        'System calls that are refused',
        'From the moment on that events are watched, in all threads and in programs that alerts are handed to. They fail with `EPERM`. 32-bit calls are answered as if there were none.',
        table(['for', 'calls'], [...refusedCalls, programCalls].map(callsRow)),
      ),
      section(
        'System calls that are refused in part',
        table(
          ['call', 'what is left'],
          [
            ...limitedCalls.map(({ call, purpose }) => [code(call), purpose]),
            ...absentCalls.map((call) => [
              code(call),
              'Nothing: it fails with `ENOSYS`, and programs use `clone`',
            ]),
          ],
        ),
      ),
    ].join('\n\n'),
  };
}

function callsRow({ purpose, calls }: RefusedCalls): readonly string[] {
  return [purpose, calls.map(code).join(', ')];
}
