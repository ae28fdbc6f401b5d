/**
 * The store of a hub, from outside of it: its file while no hub has it, and the hub's web interface while one does; or its
 * database, which hubs share.
 */

import { readFileSync } from 'node:fs';
import { type Diagnostic, Fault } from '@peregrine/base';
import { lockFolder } from '@peregrine/journal';
import type { AlertStore } from '@peregrine/store';
import type { Environment } from '../hub/config/environment.ts';
import type { HubConfig } from '../hub/config/read-hub-config.ts';
import { loadHubConfig } from '../hub/load-hub-config.ts';
import { findStateFolder } from '../hub/state-folder.ts';
import { openStoreAt, type StoreLocation, storeLocation } from './store-location.ts';

export interface FoundStore {
  readonly config: HubConfig;
  readonly location: StoreLocation;
  readonly folder: string;
}

/** Where a hub with that configuration has its store; `undefined` when it cannot be used. */
export async function findStore(
  file: string | undefined,
  environment: Environment,
): Promise<{ readonly found: FoundStore | undefined; readonly diagnostics: readonly Diagnostic[] }> {
  const read = (path: string): string => readFileSync(path, 'utf8');
  const { config, diagnostics } = await loadHubConfig({ file, environment, read });
  if (config === undefined) return { found: undefined, diagnostics };
  const folder = findStateFolder(config.settings.journal.path, environment).path;
  return { found: { config, folder, location: storeLocation(config, folder) }, diagnostics };
}

export type OpenedStore =
  | { readonly kind: 'store'; readonly store: AlertStore; close(): Promise<void> }
  /** Without a slash at the end. */
  | { readonly kind: 'running'; readonly url: string };

/** The file, which nobody else opens meanwhile, or where the hub is that has it; a database whoever uses it. */
export async function openStore(
  { config, folder, location }: FoundStore,
  onTrouble: (text: string) => void,
): Promise<OpenedStore> {
  if (location.kind === 'server') {
    const store = await openStoreAt(location, onTrouble);
    return { kind: 'store', store, close: () => store.close() };
  }
  let release: () => void;
  try {
    release = lockFolder(folder);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'journal-in-use') throw error;
    return { kind: 'running', url: urlOf(config) };
  }
  try {
    const store = await openStoreAt(location, onTrouble);
    const close = async (): Promise<void> => {
      await store.close();
      release();
    };
    return { kind: 'store', store, close };
  } catch (error) {
    release();
    throw error;
  }
}

function urlOf({ settings: { ui } }: HubConfig): string {
  const isAll = ['', '0.0.0.0', '::'].includes(ui.listenaddress);
  const host = isAll
    ? '127.0.0.1'
    : ui.listenaddress.includes(':')
      ? `[${ui.listenaddress}]`
      : ui.listenaddress;
  return `${ui.certfile === '' ? 'http' : 'https'}://${host}:${ui.listenport}`;
}
