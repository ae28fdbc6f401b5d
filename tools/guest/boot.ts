/** Boots the guest with a program of this checkout and gives what the program printed. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeInitramfs } from './initramfs.ts';
import { kernelPath } from './kernel.ts';

const QEMU = '/usr/bin/qemu-system-x86_64';
/** Printed before and after the program. */
const MARKER = '##guest';
/** The processor is emulated: a minute is usual. */
const LIMIT_MS = 300_000;

export interface GuestRun {
  readonly status: number;
  readonly output: string;
}

/** Why no guest can run here; part of the skipped test's name. */
export function guestObstacle(): string | undefined {
  if (process.arch !== 'x64') return 'the guest is an x86_64 machine';
  for (const path of [QEMU, '/usr/bin/busybox', '/usr/bin/cpio'])
    if (!existsSync(path)) return `${path} is missing; \`npm run test:guest\` installs it`;
  if (!existsSync(kernelPath)) return 'its kernel is missing; `npm run test:guest` fetches it';
  return undefined;
}

/** `program`: path below the checkout. Throws when the guest does not come to an end. */
export async function runInGuest(program: string): Promise<GuestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-guest-'));
  try {
    const archive = join(folder, 'initramfs.gz');
    makeInitramfs(join(folder, 'root'), archive, program, MARKER);
    return parseConsole(await boot(archive));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function boot(archive: string): Promise<string> {
  const machine = ['-m', '1536', '-smp', '2', '-nographic', '-no-reboot', '-nic', 'none', '-cpu', 'Nehalem'];
  const kernel = ['-kernel', kernelPath, '-initrd', archive, '-append', 'console=ttyS0 quiet panic=-1'];
  const guest = spawn(QEMU, [...machine, ...kernel], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [guest.stdout, guest.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    guest.kill('SIGKILL');
    reject(new Error(`the guest did not end; it last said:\n${text.slice(-2_000)}`));
  }, LIMIT_MS);
  guest.on('error', reject);
  guest.on('close', () => resolve(text));
  return promise.finally(() => clearTimeout(timer));
}

function parseConsole(text: string): GuestRun {
  const [, output, status] =
    new RegExp(`${MARKER} start\\r?\\n([^]*)${MARKER} status (\\d+)`).exec(text) ?? [];
  if (output === undefined) throw new Error(`the guest did not get to the program:\n${text.slice(-2_000)}`);
  return { status: Number(status), output: output.replaceAll('\r', '') };
}
