/** How clients are told where the cluster is and who they are: a kubeconfig, or the files of a pod. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Access {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** PEM. */
  readonly authority: string;
  readonly token: string;
}

export interface Kubeconfig {
  /** The user is the only one; the namespace is `default`. */
  readonly text: string;
  readonly file: string;
}

export function writeKubeconfig(folder: string, user: string, { url, authority, token }: Access): Kubeconfig {
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(authority).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user, namespace: 'default' } }],
    'current-context': 'test',
  });
  const file = join(folder, `${encodeURIComponent(user)}.kubeconfig`);
  writeFileSync(file, text);
  return { text, file };
}

export interface ServiceAccountFiles {
  /** Where a pod would have its root: the files are below, where clients look for them. */
  readonly root: string;
  /** Holds `token`, `ca.crt` and `namespace`. */
  readonly folder: string;
  /** What a pod has in its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

export function writeServiceAccountFiles(
  folder: string,
  account: { readonly namespace: string; readonly name: string },
  { url, authority, token }: Access,
): ServiceAccountFiles {
  const root = join(folder, `${account.namespace}-${account.name}`);
  const own = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'token'), token);
  writeFileSync(join(own, 'ca.crt'), authority);
  writeFileSync(join(own, 'namespace'), account.namespace);
  const { hostname, port } = new URL(url);
  return {
    root,
    folder: own,
    environment: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
  };
}
