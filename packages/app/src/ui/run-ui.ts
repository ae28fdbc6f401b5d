/** The web interface as a program of its own, as Falcosidekick-UI is one: a hub that only takes what is posted to it. */

import { parseLongDuration } from '@peregrine/api';
import { type ConfigNode, type Diagnostic, type ListNode, mapNode, scalarNode } from '@peregrine/base';
import type { Hub } from '../hub/hub.ts';
import { runHub } from '../hub/run-hub.ts';
import { findStateFolder } from '../hub/state-folder.ts';

export { parseLongDuration };

export interface RunUiOptions {
  readonly address: string;
  readonly port: number;
  /** `undefined`: nobody is asked who they are. */
  readonly user: { readonly name: string; readonly password: string } | undefined;
  readonly allowsDefaultPassword: boolean;
  /** Milliseconds; 0: for ever. */
  readonly ttlMs: number;
  /** Folder of the events; empty, the usual one. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes lines of the log. */
  readonly write: (text: string) => void;
  readonly onDiagnostics: (diagnostics: readonly Diagnostic[]) => Promise<void>;
}

export interface RunningUi {
  readonly folder: string;
  readonly hub: Hub;
}

/** `undefined` when the options cannot be used, which was told. Throws a `Fault` when it cannot start. */
export async function runUi(options: RunUiOptions): Promise<RunningUi | undefined> {
  const { address, port, user, allowsDefaultPassword, ttlMs, environment, write, onDiagnostics } = options;
  const { path } = findStateFolder(options.folder, environment, 'ui');
  const users: ListNode = {
    kind: 'list',
    // The role stands behind, so that no part of a password is taken for one.
    items: user === undefined ? [] : [scalarNode(`${user.name}:${user.password}:admin`)],
    span: undefined,
  };
  const ui: readonly (readonly [string, ConfigNode])[] = [
    ['enabled', scalarNode('true')],
    ['listenaddress', scalarNode(address)],
    ['listenport', scalarNode(String(port))],
    ['users', users],
    ['allowdefaultpassword', scalarNode(String(allowsDefaultPassword))],
    ['maxage', scalarNode(`${ttlMs}ms`)],
  ];
  const hub = await runHub({
    file: mapNode([
      ['journal', mapNode([['path', scalarNode(path)]])],
      ['ui', mapNode(ui)],
    ]),
    // What is meant for a sidekick on the same machine is none of its business.
    environment: {},
    write,
    onDiagnostics,
    isUiOnly: true,
  });
  return hub && { folder: path, hub };
}
