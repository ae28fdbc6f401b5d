/** Where a hub keeps its alerts, as its configuration says, and opening what is there. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import {
  type AlertStore,
  type ConnectionFacts,
  openPostgresRecords,
  openPostgresStore,
  openSqliteRecords,
  openSqliteStore,
  type SqlDatabase,
} from '@peregrine/store';
import { isPostgresAddress, parsePostgresAddress } from '@peregrine/store/address';
import type { HubConfig } from '../hub/config/read-hub-config.ts';
import { readPem } from '../hub/trust.ts';

export type StoreLocation =
  | { readonly kind: 'file'; readonly path: string }
  /** Passwords and certificates are read when it is asked for. */
  | { readonly kind: 'server'; readonly connection: () => ConnectionFacts };

/** The configuration was checked. */
export function storeLocation({ settings: { ui } }: HubConfig, folder: string): StoreLocation {
  const read = isPostgresAddress(ui.store) ? parsePostgresAddress(ui.store) : undefined;
  if (read !== undefined && 'address' in read) {
    const { address } = read;
    return {
      kind: 'server',
      connection: () => ({
        address,
        password: passwordOf(ui),
        readPem: (path) => readPem(path, '`ui.store`'),
      }),
    };
  }
  return { kind: 'file', path: ui.store === '' ? join(folder, 'alerts.db') : ui.store };
}

function passwordOf({ storepassword, storepasswordfile }: HubConfig['settings']['ui']): string | undefined {
  if (storepasswordfile === '') return storepassword.reveal() || undefined;
  try {
    return readFileSync(storepasswordfile, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault(
      'store-password',
      `cannot read \`${storepasswordfile}\`, which \`ui.storepasswordfile\` names: ${reason}`,
      { cause },
    );
  }
}

/** Rejects with a `Fault`; `store-away`: a server that may answer later. */
export function openStoreAt(location: StoreLocation, onTrouble: (text: string) => void): Promise<AlertStore> {
  return location.kind === 'file'
    ? openSqliteStore({ path: location.path, onTrouble })
    : openPostgresStore({ connection: location.connection(), onTrouble });
}

/** What is kept beside the alerts, whether a hub has them open or not. */
export async function openRecordsAt(
  location: StoreLocation,
): Promise<{ readonly records: SqlDatabase; close(): Promise<void> | void }> {
  return location.kind === 'file'
    ? openSqliteRecords(location.path)
    : openPostgresRecords(location.connection());
}
