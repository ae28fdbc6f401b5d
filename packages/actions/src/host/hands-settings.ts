/** What the process that acts on this machine is told when it starts. Later, nobody can tell it anything else. */

import { type Infer, integer, list, readTree, schema, text } from '@peregrine/base';
import { nodeOfJson } from './node-of-json.ts';
import { protectedFolders, protectedPrograms } from './protected.ts';

export const handsSettings = schema({
  hostname: text({ default: '', doc: 'Of this machine, as its alerts name it.' }),
  pids: list(integer({ min: 1, doc: 'A process id.' }), {
    default: [1],
    doc: 'Processes that nothing is done to.',
  }),
  programs: list(text({ doc: 'Name of a process.' }), {
    default: protectedPrograms,
    doc: 'Processes with these names keep their control group from being frozen or ended.',
  }),
  paths: list(text({ doc: 'A file or folder.' }), {
    default: protectedFolders,
    doc: 'Files, and all that is in folders, that are left where they are.',
  }),
  commands: list(text({ doc: 'A command, its user and folder, as JSON.' }), {
    default: [],
    doc: 'Programs that may be run.',
  }),
  users: list(text({ doc: 'Name of a user.' }), {
    default: ['root'],
    doc: 'Users whose accounts stay open.',
  }),
  addresses: list(text({ doc: 'An address, or a network: `10.0.0.0/8`.' }), {
    default: [],
    doc: 'Addresses that are never blocked, besides those of this machine and of its gateways.',
  }),
});
export type HandsSettings = Infer<typeof handsSettings>;

/** Those without anything set. */
export function defaultHandsSettings(set: Partial<HandsSettings> = {}): HandsSettings {
  const { value } = readTree(handsSettings, nodeOfJson(set));
  if (value === undefined) throw new Error('settings that cannot be read');
  return value;
}
