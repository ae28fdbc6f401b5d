/** Runs a program that the rules named when Peregrine was started, and no other. */

import { integer, list, schema, text, textMap } from '@peregrine/base';
import type { ActionOutcome } from '../../action.ts';
import { defineDeed, refused } from '../deed.ts';
import { findAccount } from '../linux/accounts.ts';
import { runProgram } from '../linux/run-program.ts';

/** What a rule has in a program run. */
export interface ProgramOrder {
  readonly command: readonly string[];
  readonly user: string;
  readonly folder: string;
}

/** The same text for the same order. */
export function orderText({ command, user, folder }: ProgramOrder): string {
  return JSON.stringify([command, user, folder]);
}

/** Whatever it started is ended when its time is over; another user takes changing to that. */
export function runCapabilities(user: string): readonly string[] {
  return user === '' ? ['CAP_KILL'] : ['CAP_KILL', 'CAP_SETUID', 'CAP_SETGID'];
}

export const run = defineDeed({
  name: 'run',
  doc: 'Runs a program.',
  data: schema({
    command: list(text({ doc: 'Path of the program, and its arguments.' })),
    user: text({ default: '', doc: 'Name of the user that it runs as; empty, as this process does.' }),
    folder: text({ default: '/', doc: 'Its working folder.' }),
    environment: textMap({ default: {}, doc: 'Variables that it gets besides.' }),
    input: text({ default: '', doc: 'What it can read from its standard input.' }),
    timeout_ms: integer({ min: 1, max: 3_600_000, doc: 'How long it may take.' }),
  }),
  capabilities: ({ user }) => runCapabilities(user),
  run: async ({ data, settings, signal, isDryRun }): Promise<ActionOutcome> => {
    const [program = ''] = data.command;
    if (!settings.commands.includes(orderText(data)))
      return refused(`no rule had \`${program}\` run like this when Peregrine was started; start it again`);
    const account = data.user === '' ? undefined : findAccount(data.user);
    if (data.user !== '' && account === undefined) return refused(`there is no user \`${data.user}\``);
    if (isDryRun) return { kind: 'done', summary: `would run \`${data.command.join(' ')}\`` };
    const { command, environment, input, folder, timeout_ms: timeoutMs } = data;
    const end = await runProgram({
      ...{ command, environment, input, folder, timeoutMs, signal },
      account: account && { uid: account.uid, gid: account.gid },
    });
    switch (end.kind) {
      case 'absent':
        return refused(`\`${program}\` cannot be run: ${end.reason}`);
      case 'cut':
        return { kind: 'unknown', reason: `\`${program}\`: ${end.reason}` };
      case 'ended':
        return {
          kind: 'done',
          summary: `\`${program}\` ended with status ${end.exitCode}`,
          results: { exit_code: end.exitCode, stdout: end.stdout, stderr: end.stderr },
        };
    }
  },
});
