/** An authority of its own for a test, a certificate of a server on this machine, and one of a client. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsTrust } from '../src/transport/tls-trust.ts';

export interface Certificates {
  readonly folder: string;
  /** Paths of PEM files. */
  readonly authority: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
  /** Trusts the server; with an identity, shows the client's certificate. */
  trust(options?: { readonly hasIdentity: boolean }): TlsTrust;
  remove(): void;
}

/** Why there can be none; `undefined` when there can. */
export function certificateObstacle(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no program `openssl`';
  }
}

export function createCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-certificates-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  for (const [name, extensions] of [
    ['server', 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth'],
    ['client', 'subjectAltName=DNS:hub.example.org\nextendedKeyUsage=clientAuth'],
  ] as const) {
    writeFileSync(at(`${name}.ext`), extensions);
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const sign = ['x509', '-req', '-days', '2', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(...sign, '-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.crt`);
  }
  const pairOf = (name: string) => ({ cert: at(`${name}.crt`), key: at(`${name}.key`) });
  const client = pairOf('client');
  return {
    folder,
    authority: at('ca.crt'),
    server: pairOf('server'),
    client,
    trust: ({ hasIdentity } = { hasIdentity: false }) => ({
      isChecked: true,
      authorities: [readFileSync(at('ca.crt'), 'utf8')],
      identity: hasIdentity
        ? { cert: readFileSync(client.cert, 'utf8'), key: readFileSync(client.key, 'utf8') }
        : undefined,
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
