/** Reference of what live systems report: each event, of which calls, when, and by which ways into the kernel. */

import { type CoveredCall, coverage, type ReportMode, unreported } from '@peregrine/sources';
import { code, groupBy, type Page, section, table } from './markdown.ts';

const modes: Readonly<Record<Exclude<ReportMode, 'named'>, string>> = {
  always: 'always',
  common: 'where a rule or a table needs it',
  requested: 'while a rule needs it',
  moment: 'while a rule names it',
};

export function liveEventsPage(): Page {
  const named = coverage.filter(({ mode }) => mode === 'named');
  const rows = [
    ...groupBy(
      coverage.filter(({ mode }) => mode !== 'named'),
      ({ eventName }) => eventName,
    ),
  ]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, calls]) => calls.map(rowOf));
  return {
    name: 'live-events.md',
    title: 'Live events',
    summary: 'Which events a live system reports on x86_64, when, and by which ways into the kernel.',
    body: [
      'Events of a live system come from a program in the kernel. Where a rule or a table of processes and files needs a call,',
      'one program looks for all such calls (in `fexit` mode each has its own). Calls that come often, or that few rules ask',
      'for, have a second program, and what is no call a program for each: they are in the kernel only while a rule needs them.',
      'Calls that succeed and calls that fail are reported alike.',
      '',
      '"32-bit" says whether the call is reported when a 32-bit program makes it, by whichever of its numbers; "I/O ring"',
      'whether a request to an I/O ring (io_uring) that does the same gives the same event.',
      '',
      section('Events with parameters', table(['event', 'call', 'when', '32-bit', 'I/O ring'], rows)),
      '',
      section(
        'Calls of which only the name is told',
        [
          'They are reported while a rule needs them; they have no parameters. So are those of 32-bit programs, unless one of',
          `these: ${listOf(named.filter(({ isCompat }) => !isCompat))}. Requests to I/O rings that do the same as one of`,
          `these: ${listOf(named.filter(({ isOnRings }) => isOnRings))}.`,
        ].join('\n'),
        listOf(named),
      ),
      '',
      section(
        'Events that no live system gives',
        table(
          ['event', 'why'],
          Object.entries(unreported).map(([name, reason]) => [code(name), reason]),
        ),
      ),
      '',
      section(
        'Other architectures',
        [
          'What depends on the architecture is one header, `bpf/arch-x86.h`, and one table of numbers, which',
          '`packages/sources/src/ebpf/syscall-numbers.ts` chooses. For arm64 both are there, `bpf/arch-arm64.h` and',
          '`arm64-numbers.ts`; the probe compiles with them, and has not run. There, calls that the architecture never had',
          'are left out (`open`, `fork` and other old forms), as are 32-bit calls, whose table is missing, and page faults, of',
          'which the kernel does not tell. A further architecture is one more of each.',
        ].join('\n'),
      ),
    ].join('\n'),
  };
}

function rowOf({ name, eventName, mode, isCompat, isOnRings }: CoveredCall): readonly string[] {
  const when = mode === 'named' ? '' : modes[mode];
  return [code(eventName), code(name), when, isCompat ? 'yes' : 'no', isOnRings ? 'yes' : ''];
}

function listOf(calls: readonly CoveredCall[]): string {
  return calls
    .map(({ name }) => name)
    .sort()
    .map(code)
    .join(', ');
}
