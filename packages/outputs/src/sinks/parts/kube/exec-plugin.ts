/** Programs that a kubeconfig file names to get credentials: those of EKS, GKE and AKS are such. */

import { isAbsolute, join } from 'node:path';
import { Fault, type JsonObject, listIn, objectIn, parseObject, textIn } from '@peregrine/base';
import type { KubeIdentity } from './kube-access.ts';

/** How long such a program may take, and how much it may say. */
const MOST_RUN_MS = 60_000;
const MOST_OUTPUT_BYTES = 1024 * 1024;
/** Credentials are renewed this long before they end, milliseconds. */
const MARGIN_MS = 10_000;

export interface PluginPlace {
  /** Of the kubeconfig file: relative programs are there. */
  readonly folder: string;
  readonly cluster: JsonObject;
  readonly authority: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Runs the program when there is no credential, when it ends, and when it was refused. */
export function createExecIdentity(
  plugin: JsonObject,
  place: PluginPlace,
): (isRefused: boolean) => Promise<KubeIdentity> {
  let known: { readonly identity: KubeIdentity; readonly endMs: number } | undefined;
  return async (isRefused) => {
    if (known !== undefined && !isRefused && Date.now() < known.endMs - MARGIN_MS) return known.identity;
    known = undefined;
    const status = statusIn(await run(plugin, place), textIn(plugin.command));
    const endMs = Date.parse(textIn(status.expirationTimestamp));
    known = { identity: identityIn(status), endMs: Number.isNaN(endMs) ? Number.POSITIVE_INFINITY : endMs };
    return known.identity;
  };
}

function identityIn(status: JsonObject): KubeIdentity {
  const token = textIn(status.token);
  const cert = textIn(status.clientCertificateData);
  const key = textIn(status.clientKeyData);
  return {
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    certificate: cert === '' || key === '' ? undefined : { cert, key },
  };
}

function statusIn(output: string, command: string): JsonObject {
  const status = objectIn(parseObject(output)?.status);
  if (status !== undefined && (textIn(status.token) !== '' || textIn(status.clientCertificateData) !== ''))
    return status;
  throw new Fault('output-unavailable', `\`${command}\` of the kubeconfig gave no credential`);
}

async function run(plugin: JsonObject, place: PluginPlace): Promise<string> {
  const { execFile } = await import('node:child_process');
  const command = textIn(plugin.command);
  const program = command.includes('/') && !isAbsolute(command) ? join(place.folder, command) : command;
  const added = listIn(plugin.env).map(objectIn);
  const env = {
    ...place.environment,
    ...Object.fromEntries(added.map((entry) => [textIn(entry?.name), textIn(entry?.value)])),
    KUBERNETES_EXEC_INFO: JSON.stringify(infoFor(plugin, place)),
  };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { env, timeout: MOST_RUN_MS, maxBuffer: MOST_OUTPUT_BYTES, killSignal: 'SIGKILL' } as const;
  execFile(program, listIn(plugin.args).map(String), options, (error, stdout, stderr) => {
    if (error === null) return resolve(stdout);
    const why = stderr.trim() || error.message;
    reject(
      new Fault('output-unavailable', `\`${command}\` of the kubeconfig failed: ${why}`, { cause: error }),
    );
  }).stdin?.end();
  return promise;
}

/** What the program may ask for about us and the cluster. */
function infoFor(plugin: JsonObject, { cluster, authority }: PluginPlace): JsonObject {
  const about = {
    server: cluster.server,
    ...(authority === undefined
      ? {}
      : { 'certificate-authority-data': Buffer.from(authority, 'utf8').toString('base64') }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { 'insecure-skip-tls-verify': true } : {}),
    ...(cluster['tls-server-name'] === undefined ? {} : { 'tls-server-name': cluster['tls-server-name'] }),
  };
  return {
    apiVersion: textIn(plugin.apiVersion) || 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(plugin.provideClusterInfo === true ? { cluster: about } : {}) },
  };
}
