/** Programs that come into the kernel only when they are wanted. Root and BTF needed. */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kernelObjectsOf } from '../../testing/kernel-objects.ts';
import { createLiveCgroup, liveObstacle, runLive } from '../../testing/live-probe.ts';
import { buildProbe } from './build.ts';
import { openEbpf } from './ebpf-source.ts';

const obstacle = liveObstacle();
const title = 'calls that are wanted later, when the file of the probe is gone';

test.skipIf(obstacle !== undefined)(
  obstacle === undefined ? title : `${title} (skipped: ${obstacle})`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'peregrine-object-'));
    const objectPath = join(folder, 'probe.o');
    copyFileSync(buildProbe(), objectPath);
    const cgroup = createLiveCgroup();
    const objectsBefore = kernelObjectsOf(process.pid).length;
    const source = openEbpf({
      objectPath,
      scope: `cgroup:${cgroup.path}`,
      syscalls: ['chdir'],
      hookMode: 'tracepoint',
    });
    rmSync(folder, { recursive: true });
    const programCount = (): number =>
      kernelObjectsOf(process.pid).filter(({ kind }) => kind === 'prog').length;
    const few = programCount();
    const calls = ['chdir', 'getdents64', 'openat'];
    const namesOf = async (): Promise<ReadonlySet<string>> => {
      const { events } = await runLive(source, cgroup, 'cd /tmp && ls >/dev/null');
      return new Set(events.map(({ name }) => name).filter((name) => calls.includes(name)));
    };
    expect(await namesOf()).toEqual(new Set(['chdir']));
    source.select(['chdir', 'getdents64', 'sync']);
    expect(programCount()).toBe(few + 2);
    expect(await namesOf()).toEqual(new Set(['chdir', 'getdents64']));
    source.select(['chdir']);
    expect(await namesOf()).toEqual(new Set(['chdir']));
    source.close();
    expect(kernelObjectsOf(process.pid)).toHaveLength(objectsBefore);
    await cgroup.remove();
  },
  60_000,
);
