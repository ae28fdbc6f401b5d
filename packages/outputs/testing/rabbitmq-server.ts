/** A real RabbitMQ on this machine, with users, and TLS where certificates are given. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { isListening, type RunningServer, startServer } from './run-server.ts';
import { freePort } from './tcp-proxy.ts';

/** The program itself: what is in PATH changes to a user of its own. */
export const RABBITMQ = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export interface RabbitServer {
  readonly port: number;
  readonly tlsPort: number;
  remove(): Promise<void>;
}

export async function startRabbit(certificates: Certificates | undefined, extra = ''): Promise<RabbitServer> {
  const [port, tlsPort, epmdPort, distributionPort] = await Promise.all([1, 2, 3, 4].map(() => freePort()));
  const epmd = { ERL_EPMD_PORT: String(epmdPort), ERL_EPMD_ADDRESS: '127.0.0.1' };
  const tls =
    certificates === undefined
      ? ''
      : [
          `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
          `ssl_options.cacertfile = ${certificates.authority}`,
          `ssl_options.certfile = ${certificates.server.cert}`,
          `ssl_options.keyfile = ${certificates.server.key}`,
          'ssl_options.verify = verify_peer',
          'ssl_options.fail_if_no_peer_cert = true',
        ].join('\n');
  const server: RunningServer = await startServer({
    program: RABBITMQ,
    args: () => [],
    prepare: (folder) => {
      const settings = [
        `listeners.tcp.1 = 127.0.0.1:${port}`,
        'log.console = true',
        'log.file = false',
        tls,
        extra,
      ];
      writeFileSync(join(folder, 'rabbitmq.conf'), `${settings.join('\n')}\n`);
      writeFileSync(join(folder, 'plugins'), '[].\n');
    },
    environment: (folder) => ({
      ...epmd,
      HOME: folder,
      RABBITMQ_NODENAME: `peregrine${port}@localhost`,
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_DIST_PORT: String(distributionPort),
      // Two schedulers, and no busy waiting: other tests run beside it.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
    }),
    isReady: async ({ output }) => output.includes('startup complete') && isListening(port ?? 0),
  });
  return {
    port: port ?? 0,
    tlsPort: tlsPort ?? 0,
    remove: async () => {
      await server.remove();
      // The directory of nodes that it started beside it, on a port of its own.
      execFileSync('epmd', ['-kill'], { env: { ...process.env, ...epmd }, stdio: 'ignore' });
    },
  };
}
