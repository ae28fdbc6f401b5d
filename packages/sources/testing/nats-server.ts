/** A real NATS server on this machine, with JetStream. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const LIMIT_MS = 60_000;

/** Why there can be none; `undefined` when there can. */
export function natsObstacle(): string | undefined {
  try {
    execFileSync('nats-server', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no program `nats-server`';
  }
}

export class NatsServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'peregrine-nats-'));
  readonly #given: readonly string[];
  #child: ChildProcess | undefined;
  /** `HOST:PORT`; the same after a restart. */
  address = '';

  private constructor(given: readonly string[]) {
    this.#given = given;
  }

  /** `given`: arguments besides. */
  static async start(given: readonly string[] = []): Promise<NatsServer> {
    const server = new NatsServer(given);
    await server.restart();
    return server;
  }

  async restart(): Promise<void> {
    const ports = join(this.#folder, 'ports');
    rmSync(ports, { recursive: true, force: true });
    const port = this.address === '' ? '-1' : (this.address.split(':')[1] ?? '-1');
    const child = spawn(
      'nats-server',
      [
        ...['--addr', '127.0.0.1', '--port', port, '--ports_file_dir', this.#folder],
        ...['--jetstream', '--store_dir', join(this.#folder, 'store'), ...this.#given],
      ],
      { stdio: 'ignore' },
    );
    this.#child = child;
    const endMs = Date.now() + LIMIT_MS;
    const portsFile = join(this.#folder, `nats-server_${child.pid}.ports`);
    let address = readAddress(portsFile);
    while (address === undefined) {
      if (Date.now() > endMs || child.exitCode !== null) {
        child.kill('SIGKILL');
        throw new Error(`nats-server did not start: ${readdirSync(this.#folder)}`);
      }
      await pause(20);
      address = readAddress(portsFile);
    }
    this.address = address;
  }

  /** A client of its own, for tests that send. */
  client(more: Parameters<typeof connect>[0] = {}): Promise<NatsConnection> {
    return connect({ servers: this.address, ...more });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What the server writes when it listens; `undefined` while it has not, or not all of it. */
function readAddress(portsFile: string): string | undefined {
  if (!existsSync(portsFile)) return undefined;
  const text = readFileSync(portsFile, 'utf8');
  return /"nats":\s*\[\s*"\w+:\/\/([^"]+)"/.exec(text)?.[1];
}
