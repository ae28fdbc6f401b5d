/** Runs in the guest: the probe in both hook modes over the same work; prints what it saw as one line of JSON. */

import { openEbpf } from '../../packages/sources/src/ebpf/ebpf-source.ts';
import type { AskedHookMode } from '../../packages/sources/src/ebpf/hook-mode.ts';
import { reportable } from '../../packages/sources/src/ebpf/syscall-coverage.ts';
import { scanProc } from '../../packages/sources/src/procfs/scan-proc.ts';
import {
  fdDifferences,
  listen,
  processDifferences,
  type Told,
} from '../../packages/sources/testing/compare-scans.ts';
import { kernelObjectsOf } from '../../packages/sources/testing/kernel-objects.ts';
import { createLiveCgroup, type LiveEvent, runLive } from '../../packages/sources/testing/live-probe.ts';

/** Calls of many shapes: paths, descriptors, sockets, processes; some fail. */
const work = [
  'cd /tmp && mkdir d && echo text > d/a && mv d/a d/b && ln -s b d/c && chmod 600 d/b && cat d/c',
  'rm d/b d/c && rmdir d',
  'cat /nowhere; rmdir /nowhere; true | cat; wget -q http://127.0.0.1:1/',
  '/nowhere/program; exit 0',
].join('; ');

export interface ModeReport {
  readonly title: string;
  /** Places in the kernel that the probe is attached to while it watches everything, and `chdir` alone. */
  readonly links: number;
  readonly linksAfterSelect: number;
  /** The same while it watches `onRequest`. */
  readonly linksOnRequest: number;
  /** Each event without what differs from run to run. */
  readonly events: readonly string[];
  /** Names of the events after only `chdir` was asked for. */
  readonly afterSelect: readonly string[];
  /** What is left in the kernel when it is closed. */
  readonly objectsAfterClose: number;
}

/** What the kernel's iterators tell of everything in the guest, beside what /proc tells. */
export interface ScanReport {
  readonly procReason: string | undefined;
  readonly processCount: number;
  readonly fdCount: number;
  readonly differences: readonly string[];
}

export interface HookReports {
  readonly scan: ScanReport;
  readonly auto: ModeReport;
  readonly tracepoint: ModeReport;
}

/** In fexit mode each call has a program of its own: a few are enough. */
const onRequest: Readonly<Record<string, readonly string[]>> = {
  auto: ['read', 'setsockopt', 'keyctl', 'quotactl', 'sched_switch', 'signal_deliver'],
  tracepoint: reportable,
};

function linkCount(): number {
  return kernelObjectsOf(process.pid).filter(({ kind }) => kind === 'link').length;
}

/** What differs from run to run, whatever the mode: ids, times, places in memory. */
const unlike = new Set(
  'pid tid ptid vtid vpid pgid vpgid reaper_tid vm_size vm_rss vm_swap pgft_maj pgft_min exe_ino exe_ino_ctime exe_ino_mtime ino dev cgroups env trusted_exepath pidns_init_start_ts tuple'.split(
    ' ',
  ),
);

/** A result that is an id tells only whether there was one. */
function textOf(event: LiveEvent, cgroup: string): string {
  const params = Object.entries(event.params)
    .filter(([name]) => !unlike.has(name))
    .map(([name, value]) => {
      const shown = event.name === 'clone' && name === 'res' ? Math.sign(Number(value)) : value;
      return `${name}=${shown}`;
    });
  return [event.name, ...params].join(' ').replaceAll(cgroup, 'CGROUP');
}

async function reportOf(hookMode: AskedHookMode): Promise<ModeReport> {
  const cgroup = createLiveCgroup();
  const source = openEbpf({ hookMode, scope: `cgroup:${cgroup.path}` });
  const { title } = source;
  const links = linkCount();
  const { events } = await runLive(source, cgroup, work);
  source.select(['chdir']);
  const linksAfterSelect = linkCount();
  const { events: later } = await runLive(source, cgroup, work);
  source.select(onRequest[hookMode] ?? []);
  const linksOnRequest = linkCount();
  source.close();
  await cgroup.remove();
  return {
    title,
    links,
    linksAfterSelect,
    linksOnRequest,
    events: events.map((event) => textOf(event, cgroup.path)).sort(),
    afterSelect: [...new Set(later.map(({ name }) => name))].sort(),
    objectsAfterClose: kernelObjectsOf(process.pid).length,
  };
}

function scanReport(): ScanReport {
  const source = openEbpf({ hookMode: 'tracepoint' });
  let procReason: string | undefined;
  const kernel = listen((sink) => {
    ({ procReason } = source.scan(sink));
  });
  const proc = listen((sink) => void scanProc(sink));
  source.close();
  // This process does not stand still while it looks.
  const others = (told: Told): Told => ({
    ...told,
    processes: new Map([...told.processes].filter(([, { pid }]) => pid !== process.pid)),
    fds: new Map([...told.fds].filter(([, { tid }]) => tid !== process.pid)),
  });
  return {
    procReason,
    processCount: kernel.processes.size,
    fdCount: kernel.fds.size,
    differences: [
      ...processDifferences(others(kernel), others(proc)),
      ...fdDifferences(others(kernel), others(proc)),
    ],
  };
}

const reports: HookReports = {
  scan: scanReport(),
  auto: await reportOf('auto'),
  tracepoint: await reportOf('tracepoint'),
};
process.stdout.write(`${JSON.stringify(reports)}\n`);
