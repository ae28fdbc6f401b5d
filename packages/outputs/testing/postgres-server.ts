/** A real PostgreSQL, which will not run as root: root runs it as its own user, or as nobody. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { programObstacle, type RunningServer, type ServerOptions, startServer } from './run-server.ts';
import { freePort } from './tcp-proxy.ts';

const LIBRARY = '/usr/lib/postgresql';
const NOBODY = 65_534;
const PATIENCE_MS = 2_000;

export interface PostgresConnection {
  readonly address: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly sslMode: 'prefer';
    readonly rootCertificate: string;
    readonly certificate: string;
    readonly key: string;
  };
  readonly password: string;
  readonly readPem: (path: string) => string;
}

export interface PostgresServer {
  readonly port: number;
  readonly server: RunningServer;
  /** At once, whoever is connected. */
  stop(): Promise<void>;
  /** Again, with what it had. */
  start(): Promise<void>;
  /** How the store connects, as the one who may do everything. */
  connectionTo(database: string): PostgresConnection;
  /** Asks as the one who may do everything. */
  ask(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Why there can be none; `undefined` when there can. */
export function postgresObstacle(): string | undefined {
  if (folderOfPrograms() === undefined) return 'there is no PostgreSQL';
  return isRoot() ? programObstacle('setpriv') : undefined;
}

export async function startPostgres(
  given: {
    readonly certificate?: { readonly cert: string; readonly key: string };
    /** Whether what was committed survives a stop of the machine, which takes its time; not unless set. */
    readonly isDurable?: boolean;
  } = {},
): Promise<PostgresServer> {
  const port = await freePort();
  const { certificate, isDurable = false } = given;
  const programs = folderOfPrograms() ?? '';
  const options: ServerOptions = {
    ...asOther([join(programs, 'postgres')]),
    args: (folder) => [
      ...asOther([join(programs, 'postgres')]).before,
      ...['-D', join(folder, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', folder],
      ...(isDurable ? [] : ['-c', 'fsync=off']),
      ...(certificate === undefined ? [] : ['-c', 'ssl=on']),
    ],
    prepare: (folder) => {
      const data = join(folder, 'data');
      mkdirSync(data, { mode: 0o700 });
      giveAway(folder);
      giveAway(data);
      const password = join(folder, 'password');
      writeFileSync(password, 'hush');
      giveAway(password);
      const init = [
        join(programs, 'initdb'),
        '-D',
        data,
        '-U',
        'postgres',
        '-A',
        'scram-sha-256',
        `--pwfile=${password}`,
      ];
      const { program, before } = asOther(init);
      execFileSync(program, [...before, ...init.slice(1), '--no-sync', '-E', 'UTF8', '--locale=C'], {
        cwd: folder,
        stdio: 'pipe',
      });
      for (const [name, file] of Object.entries({
        'server.crt': certificate?.cert,
        'server.key': certificate?.key,
      })) {
        if (file === undefined) continue;
        execFileSync('cp', [file, join(data, name)]);
        giveAway(join(data, name));
        chmodSync(join(data, name), 0o600);
      }
    },
    isReady: ({ output }) => output.includes('ready to accept connections'),
  };
  let running = await startServer(options);
  // Without it, it would wait for whoever is connected.
  const stop = (): Promise<void> => running.stop('SIGINT');
  return {
    port,
    server: {
      folder: running.folder,
      output: () => running.output(),
      stop,
      remove: async () => {
        // Those who are about to leave may do so.
        const left = running.stop('SIGTERM');
        const timer = setTimeout(() => void stop(), PATIENCE_MS);
        await left;
        clearTimeout(timer);
        await running.remove();
      },
    },
    stop,
    start: async () => {
      running = await startServer({ ...options, folder: running.folder });
    },
    connectionTo: (database) => ({
      address: {
        ...{ host: '127.0.0.1', port, user: 'postgres', database, sslMode: 'prefer' },
        ...{ rootCertificate: '', certificate: '', key: '' },
      },
      password: 'hush',
      readPem: (path) => readFileSync(path, 'utf8'),
    }),
    ask: async (sql) => {
      const client = new Client({
        host: '127.0.0.1',
        port,
        user: 'postgres',
        password: 'hush',
        database: 'postgres',
      });
      await client.connect();
      const { rows } = await client.query(sql);
      await client.end();
      return rows;
    },
  };
}

/** The newest that Debian has installed. */
function folderOfPrograms(): string | undefined {
  const versions = existsSync(LIBRARY) ? readdirSync(LIBRARY) : [];
  const newest = versions
    .sort((a, b) => Number(b) - Number(a))
    .find((version) => existsSync(join(LIBRARY, version, 'bin/postgres')));
  return newest === undefined ? undefined : join(LIBRARY, newest, 'bin');
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function asOther(command: readonly string[]): {
  readonly program: string;
  readonly before: readonly string[];
} {
  const [program = ''] = command;
  if (!isRoot()) return { program, before: [] };
  return {
    program: 'setpriv',
    before: [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', program],
  };
}

function giveAway(path: string): void {
  if (isRoot()) chownSync(path, NOBODY, NOBODY);
}
