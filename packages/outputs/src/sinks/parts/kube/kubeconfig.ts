/** Files that say how to reach a Kubernetes API, as kubectl reads them. */

import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { Fault, type JsonObject, listIn, objectIn, textIn } from '@peregrine/base';
import { systemTrust } from '../../../transport/tls-trust.ts';
import { createExecIdentity } from './exec-plugin.ts';
import type { KubeAccess, KubeIdentity } from './kube-access.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Parts of a user that would change who we are if they were passed over. */
const notSupported = ['auth-provider', 'as-groups', 'as-uid', 'as-user-extra'] as const;

/** Throws a `Fault` that names what is missing. `~` at the start of `path` is the home folder. */
export async function loadKubeconfig(path: string, environment: Environment): Promise<KubeAccess> {
  const file = path.replace(/^~(?=\/|$)/, environment.HOME ?? '~');
  const text = await readText(file, 'kubeconfig');
  const { parse } = await import('yaml');
  const root = objectIn(parseYaml(parse, text, file));
  const wrong = (why: string): Fault => new Fault('output-unavailable', `kubeconfig \`${file}\`: ${why}`);
  const context = named(root, 'contexts', textIn(root?.['current-context']))?.context;
  if (context === undefined) throw wrong('`current-context` names no context');
  const { cluster: clusterName, user: userName, namespace } = objectIn(context) ?? {};
  const cluster = objectIn(named(root, 'clusters', textIn(clusterName))?.cluster);
  const user = objectIn(named(root, 'users', textIn(userName))?.user) ?? {};
  const server = textIn(cluster?.server).replace(/\/+$/, '');
  if (cluster === undefined || !URL.canParse(server))
    throw wrong('the context has no cluster with a `server`');
  if (cluster['proxy-url'] !== undefined) throw wrong('`proxy-url` is not supported');
  const refused = notSupported.find((key) => user[key] !== undefined);
  if (refused !== undefined) throw wrong(`\`${refused}\` of a user is not supported`);

  const pem = (of: JsonObject, key: string): Promise<string | undefined> => pemIn(of, key, dirname(file));
  const authority = await pem(cluster, 'certificate-authority');
  const serverName = textIn(cluster['tls-server-name']);
  return {
    server,
    namespace: textIn(namespace) || undefined,
    tls: {
      ...systemTrust,
      isChecked: cluster['insecure-skip-tls-verify'] !== true,
      authorities: authority === undefined ? [] : [authority],
      areAuthoritiesAll: authority !== undefined,
      ...(serverName === '' ? {} : { serverName }),
    },
    identity: await identityOf(user, { file, cluster, authority, environment }),
  };
}

interface Around {
  readonly file: string;
  readonly cluster: JsonObject;
  readonly authority: string | undefined;
  readonly environment: Environment;
}

async function identityOf(user: JsonObject, around: Around): Promise<KubeAccess['identity']> {
  const folder = dirname(around.file);
  const impersonated: Readonly<Record<string, string>> =
    textIn(user.as) === '' ? {} : { 'impersonate-user': textIn(user.as) };
  const plugin = objectIn(user.exec);
  if (plugin !== undefined) {
    const ask = createExecIdentity(plugin, { ...around, folder });
    return async (isRefused) => {
      const { headers, certificate } = await ask(isRefused);
      return { headers: { ...headers, ...impersonated }, certificate };
    };
  }
  const certificateNow = async (): Promise<KubeIdentity['certificate']> => {
    const cert = await pemIn(user, 'client-certificate', folder);
    const key = await pemIn(user, 'client-key', folder);
    return cert === undefined || key === undefined ? undefined : { cert, key };
  };
  // A file that is not there is told of at once.
  await certificateNow();
  const tokenFile = textIn(user.tokenFile);
  return async (): Promise<KubeIdentity> => {
    // Such files change while we run: tokens of service accounts live for an hour, certificates for a day.
    const certificate = await certificateNow();
    const token =
      tokenFile === '' ? textIn(user.token) : (await readText(inFolder(folder, tokenFile), 'token')).trim();
    return { headers: { ...authorization(user, token), ...impersonated }, certificate };
  };
}

function authorization(user: JsonObject, token: string): Readonly<Record<string, string>> {
  if (token !== '') return { authorization: `Bearer ${token}` };
  const { username, password } = user;
  if (typeof username !== 'string' || typeof password !== 'string') return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}` };
}

function named(root: JsonObject | undefined, list: string, name: string): JsonObject | undefined {
  return listIn(root?.[list])
    .map(objectIn)
    .find((entry) => entry?.name === name);
}

/** `<key>-data` is the thing itself in base64, `<key>` a file with it. */
async function pemIn(of: JsonObject, key: string, folder: string): Promise<string | undefined> {
  const data = textIn(of[`${key}-data`]);
  if (data !== '') return Buffer.from(data, 'base64').toString('utf8');
  const file = textIn(of[key]);
  return file === '' ? undefined : readText(inFolder(folder, file), key);
}

function inFolder(folder: string, file: string): string {
  return isAbsolute(file) ? file : join(folder, file);
}

export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault('output-unavailable', `cannot read ${what} \`${file}\`: ${why}`, { cause: error });
  }
}

function parseYaml(parse: (text: string) => unknown, text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new Fault('output-unavailable', `kubeconfig \`${file}\` is no YAML`, { cause: error });
  }
}
