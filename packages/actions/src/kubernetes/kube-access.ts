/** Where the API server is and who we are there, read by the official client. */

import { readFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { Fault } from '@peregrine/base';

/** Where Kubernetes puts a pod's credentials. */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
/** A token or certificate that was changed is used after this time at the latest, milliseconds. */
const FRESH_MS = 10_000;
const TOKEN = 'service-account-token';

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** For clusters behind a proxy; else connections are ours to make. */
  readonly proxy: Agent | undefined;
}

export interface KubeAccess {
  /** May have a path; no slash at its end. */
  readonly server: string;
  /** `isRefused`: what it gave last was not accepted. Rejects with a `Fault`. */
  readonly credentials: (isRefused: boolean) => Promise<Credentials>;
}

export interface KubePlace {
  /** Path of a kubeconfig file; empty: the cluster that we run in. */
  readonly kubeconfig: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** With `token` and `ca.crt`; where Kubernetes puts them, unless told otherwise. */
  readonly folder?: string;
}

/** Rejects with a `Fault` where nothing says how to reach a cluster. */
export async function openKubeAccess(place: KubePlace): Promise<KubeAccess> {
  let config = await loadConfig(place);
  const server = config.getCurrentCluster()?.server ?? '';
  if (!URL.canParse(server)) throw unreachable('its context has no cluster with an address', place);
  let known: { readonly credentials: Credentials; readonly untilMs: number } | undefined;
  return {
    server: server.replace(/\/+$/, ''),
    credentials: async (isRefused) => {
      if (known !== undefined && !isRefused && performance.now() < known.untilMs) return known.credentials;
      try {
        if (isRefused) config = await loadConfig(place);
        known = { credentials: await credentialsOf(config), untilMs: performance.now() + FRESH_MS };
      } catch (error) {
        throw unreachable(error instanceof Error ? error.message : String(error), place, error);
      }
      return known.credentials;
    },
  };
}

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, rejectUnauthorized, servername, auth, agent } = options;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {}))
    headers[name.toLowerCase()] = String(value);
  if (typeof auth === 'string')
    headers.authorization = `Basic ${Buffer.from(auth, 'utf8').toString('base64')}`;
  const hasProxy = config.getCurrentCluster()?.proxyUrl !== undefined;
  return {
    headers,
    tls: { ca, cert, key, servername, ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }) },
    proxy: hasProxy && typeof agent === 'object' ? agent : undefined,
  };
}

async function loadConfig(place: KubePlace): Promise<KubeConfig> {
  const { kubeconfig, environment, folder = FOLDER } = place;
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (kubeconfig !== '') {
    try {
      config.loadFromFile(kubeconfig.replace(/^~(?=\/|$)/, environment.HOME ?? '~'));
    } catch (error) {
      throw unreachable(error instanceof Error ? error.message : String(error), place, error);
    }
    return config;
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === undefined || host === '') throw unreachable('this is no pod of a cluster', place);
  // The client's own way asks this process's environment, and keeps a token for a minute.
  config.addAuthenticator({
    isAuthProvider: (user) => user.authProvider?.name === TOKEN,
    applyAuthentication: async (_user, options) => {
      const token = (await readFile(join(folder, 'token'), 'utf8')).trim();
      options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
    },
  });
  config.loadFromClusterAndUser(
    {
      name: 'in-cluster',
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      caFile: join(folder, 'ca.crt'),
      skipTLSVerify: false,
    },
    { name: 'in-cluster', authProvider: { name: TOKEN } },
  );
  return config;
}

function unreachable(why: string, { kubeconfig }: KubePlace, cause?: unknown): Fault {
  const where = kubeconfig === '' ? 'the cluster' : `the cluster of \`${kubeconfig}\``;
  return new Fault('kubernetes-unreachable', `${where} cannot be reached: ${why}`, {
    cause,
    hint: 'name a kubeconfig file, or run as a pod with a service account',
  });
}
