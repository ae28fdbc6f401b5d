/** How many threads a user has: the kernel's limit on tasks counts all of them, not those of one program. */

import { readdirSync, readFileSync } from 'node:fs';

export function countTasks(uid: number, procFolder = '/proc'): number {
  let count = 0;
  for (const name of readdirSync(procFolder)) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`${procFolder}/${name}/status`, 'latin1');
      const [, real] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
      const [, threads] = /^Threads:\s+(\d+)/m.exec(status) ?? [];
      if (Number(real) === uid) count += Number(threads ?? 1);
    } catch {
      // It ended meanwhile.
    }
  }
  return count;
}
