/** Runs a program on this machine. */

import { duration, list, schema, text } from '@peregrine/base';
import { defineAction, type ParameterRefusal } from '../action.ts';
import { hostTarget } from '../targets/host.ts';
import { askHands } from './ask-hands.ts';
import { runCapabilities } from './deeds/run.ts';

/** Longer than the program may take, so that its end is heard of. */
const PATIENCE_MS = 5_000;

export const runProgram = defineAction({
  name: 'host:run',
  platform: 'host',
  doc: 'Runs a program on the machine that the alert came from, without a shell. Values of the alert reach it as variables of its environment (`PROC_NAME` for `proc.name`) and as JSON on its standard input, and never as a part of the command. It has no more capabilities than the host actions in use take, can gain none, and has none as another user than root. Results: `exit_code`, `stdout`, `stderr`.',
  parameters: schema({
    command: list(text({ doc: 'A path from `/` on, then arguments, as written.' }), {
      doc: 'Path of the program from `/` on, and its arguments, as written.',
      example: '[/usr/local/sbin/isolate, --soft]',
    }),
    user: text({ default: '', doc: 'User that it runs as; empty, the user that Peregrine was started by.' }),
    folder: text({ default: '/', doc: 'Its working folder.' }),
    timeout: duration({
      default: '30s',
      min: 100,
      max: 3_600_000,
      doc: 'Time after which it is ended, with all that it started.',
    }),
  }),
  refuses: ({ command, folder }): readonly ParameterRefusal[] => [
    ...(command[0]?.startsWith('/')
      ? []
      : [{ key: 'command', why: 'does not begin with a path from `/` on' }]),
    ...(command.some((part) => part.includes('\0')) ? [{ key: 'command', why: 'has a NUL in it' }] : []),
    ...(folder.startsWith('/') && !folder.includes('\0')
      ? []
      : [{ key: 'folder', why: 'is no path from `/` on' }]),
  ],
  target: hostTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  capabilities: ({ user }) => runCapabilities(user),
  isRepeatable: false,
  timeoutMs: ({ timeout }) => timeout + PATIENCE_MS,
  examples: [
    { doc: 'Cut the machine off.', parameters: { command: ['/usr/local/sbin/isolate', '--soft'] } },
    {
      doc: 'As a user without rights.',
      parameters: { command: ['/usr/bin/logger', 'an alert'], user: 'nobody', timeout: '5s' },
    },
  ],
  run: ({ target, parameters, variables, alert, ports, isDryRun, signal }) => {
    const { command, user, folder, timeout } = parameters;
    return askHands({
      ...{ ports, hostname: target.hostname, deed: 'run', isDryRun, signal },
      data: {
        ...{ command, user, folder, timeout_ms: timeout, input: alert.json },
        environment: environmentOf(variables),
      },
    });
  },
});

/** More than the kernel takes would keep the program from being run at all. */
const MOST_ENVIRONMENT_BYTES = 512 * 1024;
/** What decides how a program is loaded is no alert's affair. */
const KEPT_NAMES =
  /^(?:PATH|LANG|HOME|IFS|ENV|SHELL|LD_.*|BASH.*|NODE_.*|PYTHON.*|PERL.*|RUBY.*|GCONV_PATH)$/;

function environmentOf(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  let size = 0;
  const fitting = Object.entries(variables).filter(([name, value]) => {
    if (!/^[A-Z_][A-Z0-9_]*$/.test(name) || KEPT_NAMES.test(name) || value.includes('\0')) return false;
    size += Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
    return size <= MOST_ENVIRONMENT_BYTES;
  });
  return Object.fromEntries(fitting);
}
