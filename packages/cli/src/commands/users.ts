/** `peregrine users list`, `add`, `passwd` and `remove`. */

import type { UserChange } from '@peregrine/app/stored-alerts';
import type { Arguments } from '../arguments.ts';
import { type Command, exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { storeConfigOption, storeFor } from './alerts.ts';

const roles = ['viewer', 'responder', 'admin'] as const;
const PASSWORD_DOC = 'The password is asked for, or read from standard input.';

export const usersList: Command = {
  name: 'users list',
  usage: '[options]',
  doc: 'Lists who may sign in to the web interface.',
  options: [storeConfigOption, { name: 'json', doc: 'As JSON.' }],
  examples: [{ line: 'users list -c hub.yaml', doc: 'Names and roles.' }],
  operands: 'none',
  run: async (given, terminal) => {
    const found = await storeFor(given, terminal);
    if (found === undefined) return exit.failed;
    const { listUsers } = await import('@peregrine/app/stored-alerts');
    const users = await listUsers(found.location);
    if (given.has('json')) terminal.out(`${JSON.stringify(users, undefined, 2)}\n`);
    else
      for (const { name, role, source, isDisabled } of users)
        terminal.out(
          `${name}  ${role}${source === 'config' ? '  (of the configuration)' : ''}${isDisabled ? '  (disabled)' : ''}\n`,
        );
    return exit.ok;
  },
};

export const usersAdd: Command = {
  name: 'users add',
  usage: 'NAME [options]',
  doc: `Lets somebody sign in to the web interface. ${PASSWORD_DOC}`,
  options: [
    storeConfigOption,
    { name: 'role', value: 'ROLE', doc: `${roles.join(', ')}; viewer unless set.` },
  ],
  examples: [
    { line: 'users add ann --role admin -c hub.yaml', doc: 'The first one, for example.' },
    { line: 'users add bot -c hub.yaml < password.txt', doc: 'With a password from a file.' },
  ],
  operands: 'one',
  run: async (given, terminal) => {
    const role = roles.find((name) => name === (given.valueOf('role') ?? 'viewer'));
    if (role === undefined) {
      terminal.fail(`there is no role \`${given.valueOf('role')}\``, `there is: ${roles.join(', ')}`);
      return exit.usage;
    }
    return change(given, terminal, async (name) => ({
      ...{ kind: 'add', name, role },
      password: await passwordFrom(terminal),
    }));
  },
};

export const usersPasswd: Command = {
  name: 'users passwd',
  usage: 'NAME [options]',
  doc: `Gives somebody another password, and ends all sessions. ${PASSWORD_DOC}`,
  options: [storeConfigOption],
  examples: [{ line: 'users passwd ann -c hub.yaml', doc: 'Asks for the new one.' }],
  operands: 'one',
  run: (given, terminal) =>
    change(given, terminal, async (name) => ({
      ...{ kind: 'password', name },
      password: await passwordFrom(terminal),
    })),
};

export const usersRemove: Command = {
  name: 'users remove',
  usage: 'NAME [options]',
  doc: 'Takes away that somebody may sign in, and ends all sessions.',
  options: [storeConfigOption],
  examples: [{ line: 'users remove ann -c hub.yaml', doc: 'At once.' }],
  operands: 'one',
  run: (given, terminal) => change(given, terminal, async (name) => ({ kind: 'remove', name })),
};

async function change(
  given: Arguments,
  terminal: Terminal,
  changeOf: (name: string) => Promise<UserChange>,
): Promise<number> {
  const [name = ''] = given.operands;
  const found = await storeFor(given, terminal);
  if (found === undefined) return exit.failed;
  const { changeUsers, listUsers } = await import('@peregrine/app/stored-alerts');
  const before = await listUsers(found.location);
  await changeUsers(found.location, await changeOf(name));
  if (before.length === 0) terminal.note('a hub that runs asks who somebody is from its next start on');
  return exit.ok;
}

/** One line. Not shown while it is typed. */
async function passwordFrom(terminal: Terminal): Promise<string> {
  const stdin = process.stdin.setEncoding('utf8');
  if (stdin.isTTY) terminal.err('Password: ');
  const wasRaw = stdin.isTTY && stdin.isRaw;
  if (stdin.isTTY) stdin.setRawMode(true);
  let text = '';
  try {
    for await (const part of stdin) {
      for (const letter of String(part)) {
        if (letter === '\n' || letter === '\r') return text;
        if (stdin.isTTY && letter === '\u0003') process.exit(exit.failed);
        text = stdin.isTTY && letter === '\u007f' ? text.slice(0, -1) : text + letter;
      }
    }
  } finally {
    if (stdin.isTTY) {
      stdin.setRawMode(wasRaw);
      terminal.err('\n');
    }
  }
  return text;
}
