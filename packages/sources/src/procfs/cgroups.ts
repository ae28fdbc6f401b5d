/** Control groups of a task as `subsystem=path` entries, a NUL after each. */

/** Subsystems that events report; with one hierarchy for all, each has its path. */
const REPORTED = ['cpuset', 'cpu', 'cpuacct', 'io', 'memory'];

export function parseCgroups(text: string): string {
  let entries = '';
  let unifiedPath: string | undefined;
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (second < 0) continue;
    const controllers = line.slice(first + 1, second);
    const path = line.slice(second + 1);
    if (controllers === '') unifiedPath = path;
    if (controllers === '' || controllers.startsWith('name=')) continue;
    for (const controller of controllers.split(',')) {
      seen.add(controller === 'blkio' ? 'io' : controller);
      entries += `${controller}=${path}\0`;
    }
  }
  if (unifiedPath === undefined) return entries;
  for (const name of REPORTED) if (!seen.has(name)) entries += `${name}=${unifiedPath}\0`;
  return entries;
}
