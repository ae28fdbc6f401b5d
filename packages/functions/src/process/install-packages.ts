/**
 * Packages that a function asks for, installed into a folder of their own when the user wants that. Installers run code
 * of the packages: they run as the function's user, and what they leave is made ours afterwards.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import { type FunctionSpec, fullNameOf } from '../function-spec.ts';
import { LineCutter } from '../runtime/line-cutter.ts';
import type { Account } from './messages.ts';
import { type Enclosure, SYSTEM_PATH } from './supervision.ts';

export interface InstallRequest {
  readonly spec: FunctionSpec;
  readonly account: Account | undefined;
  /** What functions are put into: installers are, too, so that nothing of them stays. */
  readonly enclosure: Enclosure;
  /** Interpreters to try, for Python. */
  readonly pythons: readonly string[];
  /** Where folders of packages are kept. */
  readonly cacheFolder: string;
  /** Our own; settings of the installers are taken from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
}

const LIMIT_MS = 600_000;
const forInstallers =
  /^(?:PIP_.*|npm_config_.*|https?_proxy|no_proxy|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS)$/i;

/** The folder with the packages. Those that were installed before are used again. Throws a `Fault`. */
export async function installPackages(request: InstallRequest): Promise<string> {
  const { spec, account, cacheFolder } = request;
  const isPython = spec.language === 'python';
  const installers = isPython
    ? request.pythons.map((python) => [
        python,
        '-m',
        'pip',
        'install',
        '--no-input',
        '--target',
        'packages',
        '-r',
        'requirements.txt',
      ])
    : [['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts']];
  const key = createHash('sha256')
    .update(
      JSON.stringify([isPython, spec.dependencies, request.pythons, process.versions.modules, account?.uid]),
    )
    .digest('hex')
    .slice(0, 32);
  const folder = join(cacheFolder, key);
  const inside = isPython ? join(folder, 'packages') : folder;
  if (existsSync(folder)) return inside;

  mkdirSync(cacheFolder, { recursive: true });
  let why = 'there is no python3';
  for (const installer of installers) {
    const partial = mkdtempSync(join(cacheFolder, 'partial-'));
    writeFileSync(join(partial, isPython ? 'requirements.txt' : 'package.json'), spec.dependencies);
    if (account !== undefined) chownSync(partial, account.uid, account.gid);
    const status = await run(installer, partial, request);
    if (status === undefined) {
      if (account !== undefined) makeOurs(partial);
      chmodSync(partial, 0o755);
      renameSync(partial, folder);
      return inside;
    }
    rmSync(partial, { recursive: true, force: true });
    why = `\`${installer.slice(0, 4).join(' ')}\` ${status}`;
  }
  throw new Fault(
    'functions-install',
    `the packages of \`${fullNameOf(spec)}\` cannot be installed: ${why}`,
    {
      hint: isPython
        ? 'the lines above say more; pip is in the Debian package python3-pip'
        : 'the lines above say more; npm comes with Node',
    },
  );
}

/** `undefined` when all went well, or what happened. */
function run(
  installer: readonly string[],
  folder: string,
  { account, enclosure, environment, onLine }: InstallRequest,
): Promise<string | undefined> {
  // One that only root can make would have them run as root.
  const isEnclosed = account === undefined || enclosure.account !== undefined;
  const [program = '', ...given] = [...(isEnclosed ? enclosure.prefix : []), ...installer];
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const settings = Object.entries(environment).filter(([name]) => forInstallers.test(name));
  const child = spawn(program, given, {
    cwd: folder,
    env: {
      ...Object.fromEntries(settings),
      PATH: environment.PATH ?? SYSTEM_PATH,
      HOME: folder,
      TMPDIR: folder,
      LANG: 'C.UTF-8',
      PIP_NO_CACHE_DIR: '1',
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
    },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const cutters = [child.stdout, child.stderr].map((stream) => {
    const cutter = new LineCutter({
      mostLineBytes: 2_000,
      mostLines: 200,
      linesEachSecond: 20,
      nowMs: Date.now,
      emit: onLine,
    });
    stream.on('data', (piece: Buffer) => cutter.push(piece));
    return cutter;
  });
  child.once('error', (error) => resolve(`cannot be run: ${error.message}`));
  child.once('close', (status, signal) => {
    for (const cutter of cutters) cutter.end();
    if (status === 0) resolve(undefined);
    else resolve(signal === null ? `ended with status ${status}` : `was ended by ${signal}`);
  });
  return promise;
}

/** Nothing of the installer runs any more; links are not followed. */
function makeOurs(folder: string): void {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  lchownSync(folder, uid, gid);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    lchownSync(join(entry.parentPath, entry.name), uid, gid);
}
