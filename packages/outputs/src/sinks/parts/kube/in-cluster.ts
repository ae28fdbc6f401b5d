/** The Kubernetes API of the cluster that we run in. */

import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import { systemTrust } from '../../../transport/tls-trust.ts';
import type { KubeAccess } from './kube-access.ts';
import { readText } from './kubeconfig.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Throws a `Fault` outside of a cluster. `folder` has the service account's token, authority and namespace. */
export async function inClusterAccess(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string = FOLDER,
): Promise<KubeAccess> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (host === undefined || port === undefined) {
    throw new Fault('output-unavailable', 'this is no pod of a cluster, and `kubeconfig` is not set');
  }
  const authority = await readText(join(folder, 'ca.crt'), 'authority');
  const namespace = (await readText(join(folder, 'namespace'), 'namespace')).trim();
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: { ...systemTrust, authorities: [authority], areAuthoritiesAll: true },
    namespace: namespace || undefined,
    // It changes while we run.
    identity: async () => {
      const token = (await readText(join(folder, 'token'), 'token')).trim();
      return { headers: { authorization: `Bearer ${token}` }, certificate: undefined };
    },
  };
}
