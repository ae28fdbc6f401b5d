/** What is said when the probe cannot be loaded. */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveObstacle } from '../../testing/live-probe.ts';
import { openEbpf } from './ebpf-source.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'refusals' : `refusals (skipped: ${obstacle})`;

function faultOf(attempt: () => unknown): Fault {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test.each([
  [{ ringBytes: 1_000_000 }, 'probe-options', 'ringBytes must be a power of two, not 1000000'],
  [{ syscalls: ['nocall'] }, 'probe-syscall', 'no event for the system call `nocall`'],
  [{ scope: 'nonsense' }, 'probe-scope', '`nonsense` is not a scope'],
])('options %o', (options, code, message) => {
  const fault = faultOf(() => openEbpf(options));
  expect(fault.code).toBe(code);
  expect(fault.message).toContain(message);
});

describe.skipIf(obstacle !== undefined)(title, () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'peregrine-loader-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('a file that is no object', () => {
    const objectPath = join(folder, 'garbage.o');
    writeFileSync(objectPath, 'garbage');
    const fault = faultOf(() => openEbpf({ objectPath }));
    expect(fault.code).toBe('probe-load');
    expect(fault.message).toContain('cannot open the probe');
  });

  test('an object that the kernel refuses: the verifier is quoted', () => {
    const objectPath = join(folder, 'refused.o');
    const code = `
      #include "control.h"
      char LICENSE[] SEC("license") = "GPL";
      SEC("tp_btf/sys_exit") int peregrine_sys_exit(void *ctx)
      {
        u32 key = bpf_get_smp_processor_id();
        struct cpu_counters *of_cpu = bpf_map_lookup_elem(&counters, &key);
        struct scratch *scratch = bpf_map_lookup_elem(&scratches, &key);
        void *ring = bpf_map_lookup_elem(&rings, &key);
        of_cpu->sequence = control.enabled + cpu_group_shift + (scratch ? 1 : 0) + (ring ? 1 : 0);
        return 0;
      }`;
    const include = new URL('../../../../bpf', import.meta.url).pathname;
    const flags = ['--target=bpf', '-O2', '-g', '-D__TARGET_ARCH_x86', `-I${include}`, '-x', 'c', '-c', '-'];
    const build = spawnSync('clang', [...flags, '-o', objectPath], { input: code, encoding: 'utf8' });
    expect(build.stderr).toBe('');
    const fault = faultOf(() => openEbpf({ objectPath }));
    expect(fault.code).toBe('probe-refused');
    expect(fault.message).toContain("invalid mem access 'map_value_or_null'");
    expect(fault.hint).toBeDefined();
  });

  test('a user without privileges', () => {
    const nodePath = join(folder, 'node');
    copyFileSync(process.execPath, nodePath);
    spawnSync('chmod', ['755', folder, nodePath]);
    const module = new URL('./loader.ts', import.meta.url).href;
    const script = `
      const { probeObstacle } = await import(${JSON.stringify(module)});
      const fault = probeObstacle();
      process.stdout.write(fault.code + ': ' + fault.message);`;
    const nobody = 65_534;
    const run = spawnSync(nodePath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      uid: nobody,
      gid: nobody,
    });
    expect(run.stdout).toBe(
      'probe-privileges: loading the eBPF probe needs root, or CAP_BPF and CAP_PERFMON; missing here: CAP_BPF, CAP_PERFMON',
    );
  });
});
