/**
 * `node tools/guest/kernel.ts`: fetches the kernel that the guest boots, Debian's own, into `build/guest`. It is unpacked,
 * not installed: this machine's boot files stay as they are.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const guestFolder: string = join(import.meta.dirname, '..', '..', 'build', 'guest');
export const kernelPath: string = join(guestFolder, 'vmlinuz');

/** Depends on the newest kernel of its kind. */
const META_PACKAGE = 'linux-image-amd64';

function output(command: string, args: readonly string[], cwd: string): string {
  const run = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
  return run.stdout;
}

function fetchKernel(): void {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-kernel-'));
  try {
    const depends = output('apt-cache', ['depends', META_PACKAGE], folder);
    const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
    if (name === undefined)
      throw new Error(`the package lists do not know ${META_PACKAGE}: type apt-get update`);
    output('apt-get', ['download', name], folder);
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get brought no ${name}`);
    output('dpkg-deb', ['-x', archive, 'unpacked'], folder);
    const boot = join(folder, 'unpacked', 'boot');
    const image = readdirSync(boot).find((file) => file.startsWith('vmlinuz-'));
    if (image === undefined) throw new Error(`${name} holds no kernel`);
    mkdirSync(guestFolder, { recursive: true });
    copyFileSync(join(boot, image), kernelPath);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  if (existsSync(kernelPath)) process.stdout.write(`up to date: ${kernelPath}\n`);
  else {
    fetchKernel();
    process.stdout.write(`fetched: ${kernelPath}\n`);
  }
}
