/** Whether functions can reach the cluster as they ask for: what is to be said before the first call fails. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { objectIn, parseObject, textIn } from '@peregrine/base';
import { type Account, type FunctionSpec, fullNameOf } from '@peregrine/functions';

/** Where Kubernetes puts a pod's credentials. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Sentences; none where all is well, or where there is no cluster. */
export function accessNotes(
  spec: FunctionSpec,
  account: Account | undefined,
  folder = serviceAccountFolder,
): readonly string[] {
  const path = join(folder, 'token');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  const notes: string[] = [];
  if (account !== undefined && !mayRead(stats, account))
    notes.push(
      `\`${fullNameOf(spec)}\` runs as user ${account.uid}, who cannot read \`${path}\`: set \`fsGroup\` in the pod, or give \`--user\``,
    );
  const name = accountNamedBy(readIfAllowed(path));
  if (spec.serviceAccount !== undefined && name !== undefined && name !== spec.serviceAccount)
    notes.push(
      `\`${fullNameOf(spec)}\` asks for the service account \`${spec.serviceAccount}\`, and this pod has \`${name}\``,
    );
  return notes;
}

function mayRead(
  { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
  account: Account,
): boolean {
  if (account.uid === 0) return true;
  if (uid === account.uid) return (mode & 0o400) !== 0;
  return gid === account.gid || account.groups.includes(gid) ? (mode & 0o040) !== 0 : (mode & 0o004) !== 0;
}

function readIfAllowed(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The name in a service account's token; nothing is verified. */
function accountNamedBy(token: string): string | undefined {
  const payload = parseObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const named = objectIn(objectIn(payload?.['kubernetes.io'])?.serviceaccount);
  const name = textIn(named?.name) || textIn(payload?.['kubernetes.io/serviceaccount/service-account.name']);
  return name === '' ? undefined : name;
}
