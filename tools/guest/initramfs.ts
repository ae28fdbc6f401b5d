/** The guest's only file system: busybox, Node with the libraries it loads, this checkout's sources and the probe. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** Where the checkout is in the guest. */
const GUEST_ROOT = '/peregrine';

/** `MARKER` tells output of the program from what the kernel says. */
const init = (program: string, marker: string): string => `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t cgroup2 cgroup /sys/fs/cgroup
/bin/busybox mount -t tmpfs tmp /tmp
/bin/busybox ip link set lo up
export PATH=/bin HOME=/tmp
cd ${GUEST_ROOT}
echo "${marker} start"
/bin/node ${program}
echo "${marker} status $?"
/bin/busybox poweroff -f
`;

function librariesOf(program: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}

/** Writes a compressed archive that boots into `program`, a path below the checkout. */
export function makeInitramfs(folder: string, archive: string, program: string, marker: string): void {
  const put = (from: string, to: string): void => {
    const path = join(folder, to);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(realpathSync(from), path);
  };
  put('/usr/bin/busybox', '/bin/busybox');
  for (const applet of ['sh', 'cat', 'mv', 'ln', 'rm', 'mkdir', 'rmdir', 'wget', 'chmod', 'true'])
    symlinkSync('busybox', join(folder, 'bin', applet));
  put(process.execPath, '/bin/node');
  const libbpf = '/usr/lib/x86_64-linux-gnu/libbpf.so.1';
  const libraries = new Set([...librariesOf(process.execPath), ...librariesOf(libbpf), libbpf]);
  for (const path of libraries) put(path, path);
  for (const part of ['packages', 'tools/guest', 'bpf', 'build/bpf', 'package.json'])
    cpSync(join(root, part), join(folder, GUEST_ROOT, part), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !path.endsWith('.test.ts'),
    });
  for (const name of ['@peregrine', 'koffi', '@koromix'])
    cpSync(join(root, 'node_modules', name), join(folder, GUEST_ROOT, 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  writeFileSync(join(folder, 'init'), init(program, marker));
  chmodSync(join(folder, 'init'), 0o755);
  const pack = `find . | cpio --quiet -o -H newc | gzip -1 > '${archive}'`;
  const run = spawnSync('sh', ['-c', pack], { cwd: folder, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`cannot make the guest's file system: ${run.stderr}`);
}
