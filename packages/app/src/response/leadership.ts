/** Which of several hubs acts, as the configuration has it. */

import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type KubePort, LeaderElection, leaseTimes } from '@peregrine/actions';
import { Fault } from '@peregrine/base';
import type { HubSettings } from '../hub/config/keys.ts';
import type { HubLog } from '../hub/hub-log.ts';

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

export interface Leadership {
  readonly election: LeaderElection;
  /** Who does not have it may not hand over alerts. */
  readonly secret: string;
}

/** `undefined`: this hub acts by itself. Rejects with a `Fault` where the configuration is not enough. */
export async function openLeadership(
  settings: HubSettings,
  kube: () => Promise<KubePort>,
  log: HubLog,
): Promise<Leadership | undefined> {
  const { enabled, lease, namespace, address, secretfile } = settings.response.leaderelection;
  if (!enabled) return undefined;
  const secret = readIfThere(secretfile)?.trim() ?? '';
  if (secret.length < 16) {
    throw new Fault('response-secret', `\`${secretfile}\` has no secret of at least 16 characters`, {
      hint: 'hubs that elect who acts hand over alerts to each other: give all of them the same file, `response.leaderelection.secretfile`',
    });
  }
  const election = new LeaderElection({
    kube,
    name: lease,
    namespace: namespace || readIfThere(NAMESPACE_FILE)?.trim() || 'falco',
    identity: address || `${ownAddress()}:${settings.listenport}`,
    times: leaseTimes,
    monotonicMs: () => performance.now(),
    nowMs: Date.now,
    onTrouble: (reason) => log('error', `Response - the lease that says who acts cannot be had: ${reason}`),
    onChange: () =>
      log(
        'info',
        election.isLeading
          ? 'Response - this hub acts'
          : `Response - ${election.leader ?? 'nobody'} acts, and gets the alerts that match rules`,
      ),
  });
  await election.start();
  return { election, secret };
}

/** COMPAT: as Talon calls itself. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((own) => own ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

function readIfThere(path: string): string | undefined {
  try {
    return path === '' ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
