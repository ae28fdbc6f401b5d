/** Moves a file to where it does no harm. */

import { choice, schema, text } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { fileTarget } from '../targets/file.ts';
import { processDataOf } from '../targets/process.ts';
import { askHands, undoThrough } from './ask-hands.ts';
import { quarantineCapabilities } from './deeds/quarantine.ts';

export const quarantineFile = defineAction({
  name: 'host:quarantine',
  platform: 'host',
  doc: 'Moves a file into a folder that only root can enter, and takes the right to run it; beside it, a file in JSON says where it was, whose, with which rights and contents (`sha256`), and of which alert. Symbolic links are not followed, and files of the system are left where they are (`response.protected.paths`). Who has the file open keeps it: `host:kill` ends them. Files of containers are copied out, and cannot be put back by themselves. Results: `sha256`, `path`.',
  parameters: schema({
    file: choice(['accessed', 'executable'], {
      default: 'accessed',
      doc: 'Which: the one that was `accessed` (`fd.name`), or the `executable` of the process (`proc.exepath`).',
    }),
    folder: text({
      default: '/var/lib/peregrine/quarantine',
      doc: 'Where it goes. It is made where it is not there.',
    }),
  }),
  refuses: ({ folder }) =>
    /^\/[^\0]*[^/\0]$/.test(folder) ? [] : [{ key: 'folder', why: 'is no path of a folder from `/` on' }],
  target: fileTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  capabilities: () => quarantineCapabilities,
  isRepeatable: false,
  timeoutMs: () => 60_000,
  examples: [
    { doc: 'The file that was written.', parameters: {} },
    { doc: 'The program that ran.', parameters: { file: 'executable' } },
  ],
  run: ({ target, parameters, alert, ports, isDryRun, signal }) =>
    askHands({
      ...{ ports, hostname: target.process.hostname, deed: 'quarantine', isDryRun, signal },
      data: {
        ...processDataOf(target.process),
        ...{ path: target.path, machine: target.isOfMachine, folder: parameters.folder },
        alert: `${alert.uuid} ${alert.rule}`,
      },
    }),
  undo: (data, ports, signal) => undoThrough({ deed: 'release', data, ports, signal }),
});
