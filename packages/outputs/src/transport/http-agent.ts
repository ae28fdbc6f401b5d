/** The connection side of posting alerts: whom to trust, who we are, and whether connections are kept. */

import { readdirSync, readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import { reasonOf } from './write-all.ts';

export interface AgentSettings {
  readonly insecure: boolean;
  readonly ca_cert: string;
  readonly ca_bundle: string;
  readonly ca_path: string;
  readonly mtls: boolean;
  readonly client_cert: string;
  readonly client_key: string;
  readonly keep_alive: boolean;
}

export async function createAgent(target: URL, settings: AgentSettings): Promise<Agent> {
  const common = { keepAlive: settings.keep_alive, maxSockets: 1 };
  if (target.protocol !== 'https:') {
    const { Agent } = await import('node:http');
    return new Agent(common);
  }
  const { Agent } = await import('node:https');
  const authorities = settings.insecure ? undefined : authoritiesOf(settings);
  return new Agent({
    ...common,
    rejectUnauthorized: !settings.insecure,
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(settings.mtls
      ? {
          cert: readPem('client_cert', settings.client_cert),
          key: readPem('client_key', settings.client_key),
        }
      : {}),
  });
}

/** `undefined`: the authorities that Node itself trusts. */
function authoritiesOf({ ca_cert, ca_bundle, ca_path }: AgentSettings): string[] | undefined {
  if (ca_cert !== '') return [readPem('ca_cert', ca_cert)];
  if (ca_bundle !== '') return [readPem('ca_bundle', ca_bundle)];
  const found = hashedNames(ca_path).map((name) => readPem('ca_path', join(ca_path, name)));
  return found.length === 0 ? undefined : found;
}

/** Files as OpenSSL looks for them: eight hexadecimal digits, a dot, a number. */
function hashedNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name));
  } catch {
    return [];
  }
}

function readPem(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Fault('output-unavailable', `cannot read \`http_output.${key}\`: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
