/** Control groups of a thread: subsystem names as rules know them, whatever the source called them. */

const otherNames: Readonly<Record<string, string>> = { perf: 'perf_event', mem: 'memory', io: 'blkio' };

/** `io` is `blkio`, `mem_cgroup` is `memory`. */
function nameOf(subsystem: string): string {
  const short = subsystem.endsWith('_cgroup') ? subsystem.slice(0, -'_cgroup'.length) : subsystem;
  return otherNames[short] ?? short;
}

interface Cgroup {
  readonly subsystem: string;
  readonly path: string;
}

/** From `subsys=path` entries, a NUL after each. */
export function parseCgroups(cgroups: string): readonly Cgroup[] {
  const parsed: Cgroup[] = [];
  for (const entry of cgroups.split('\0')) {
    const at = entry.indexOf('=');
    if (at >= 0) parsed.push({ subsystem: nameOf(entry.slice(0, at)), path: entry.slice(at + 1) });
  }
  return parsed;
}
