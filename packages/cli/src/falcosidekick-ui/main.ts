/**
 * `falcosidekick-ui [OPTIONS]`. COMPAT: options, variables, their order (option, variable, default) and their defaults are
 * those of Falcosidekick-UI. Where those defaults let everybody in, it says what to do instead of starting.
 */

import { Fault } from '@peregrine/base';
import { type Arguments, type OptionDeclaration, parseArguments, renderOptions } from '../arguments.ts';
import { exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';

const PREFIX = 'FALCOSIDEKICK_UI_';

export const falcosidekickUiOptions: readonly OptionDeclaration[] = [
  {
    name: 'addr',
    short: 'a',
    value: 'ADDRESS',
    doc: `IP address to listen on; 0.0.0.0 unless set (${PREFIX}ADDR).`,
  },
  { name: 'port', short: 'p', value: 'PORT', doc: `Port; 2802 unless set (${PREFIX}PORT).` },
  {
    name: 'redis-url',
    short: 'r',
    value: 'HOST:PORT',
    doc: `Not needed: events are in a file (${PREFIX}REDIS_URL).`,
  },
  { name: 'redis-username', short: 'y', value: 'NAME', doc: `Not needed (${PREFIX}REDIS_USERNAME).` },
  { name: 'redis-password', short: 'w', value: 'PASSWORD', doc: `Not needed (${PREFIX}REDIS_PASSWORD).` },
  {
    name: 'ttl',
    short: 't',
    value: 'TIME',
    doc: `How long events are kept: 90 (seconds), 5min, 24h, 7d, 1W, 1M, 1y; 0, for ever (${PREFIX}TTL).`,
  },
  {
    name: 'loglevel',
    short: 'l',
    value: 'LEVEL',
    doc: `debug, info, warning or error; info unless set (${PREFIX}LOGLEVEL).`,
  },
  {
    name: 'user',
    short: 'u',
    value: 'NAME:PASSWORD',
    doc: `Who may sign in, split at the first colon (${PREFIX}USER).`,
  },
  {
    name: 'disableauth',
    short: 'd',
    doc: `Ask nobody who they are; with a loopback address only (${PREFIX}DISABLEAUTH).`,
  },
  { name: 'dev', short: 'x', doc: `Not needed (${PREFIX}DEV).` },
  {
    name: 'allow-default-password',
    doc: `Start with a password that everybody knows, such as admin:admin (${PREFIX}ALLOW_DEFAULT_PASSWORD).`,
  },
  {
    name: 'store',
    value: 'FOLDER',
    doc: `Folder of the events; /var/lib/peregrine/ui unless set (${PREFIX}STORE).`,
  },
  { name: 'version', short: 'v', doc: 'Show the version.' },
  { name: 'help', short: 'h', doc: 'Show this help.' },
];

const levels = ['debug', 'info', 'warning', 'error'];
/** Of the log's lines, by level. */
const marks = ['[DEBUG]', '[INFO]', '[WARN]', '[ERROR]'];

interface Settings {
  readonly address: string;
  readonly port: number;
  readonly ttlMs: number;
  readonly level: number;
  readonly user: { readonly name: string; readonly password: string } | undefined;
  readonly allowsDefaultPassword: boolean;
  readonly folder: string;
}

export async function main(given: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseArguments(given.flatMap(ofGo), falcosidekickUiOptions);
  const helpLine = '`falcosidekick-ui --help` shows what there is';
  if (parsed.kind === 'usage-error') {
    terminal.fail(parsed.error.message, parsed.error.hint ?? helpLine);
    return exit.failed;
  }
  const { arguments: found } = parsed;
  if (found.has('help')) {
    terminal.out(
      `Takes events of Falcosidekick, keeps them, and shows them in a browser.\n\nUsage: falcosidekick-ui [options]\n\n${renderOptions(falcosidekickUiOptions)}`,
    );
    return exit.ok;
  }
  if (found.has('version')) {
    const { versions } = await import('@peregrine/app/versions');
    terminal.out(`Falcosidekick-UI version: ${versions.version} (Peregrine)\n`);
    return exit.ok;
  }
  const [extra] = found.operands;
  if (extra !== undefined) {
    terminal.fail(`unexpected \`${extra}\``, helpLine);
    return exit.failed;
  }
  const settings = await readSettings(found, process.env);
  if (settings.problems.length > 0) {
    for (const problem of settings.problems) terminal.fail(problem);
    return exit.failed;
  }
  return run(found, settings, terminal);
}

/** `-p=2802` and `--p 2802` are `-p 2802` to Go; `-d=false` is nothing. */
function ofGo(word: string): readonly string[] {
  const [, letter = '', value] = /^--?([aprywtludxv])(?:=(.*))?$/s.exec(word) ?? [];
  if (letter === '') return [word];
  if (value === undefined) return [`-${letter}`];
  if (!'dxv'.includes(letter)) return [`-${letter}`, value];
  return value === 'false' ? [] : [`-${letter}`];
}

async function run(found: Arguments, settings: Settings, terminal: Terminal): Promise<number> {
  const { runUi } = await import('@peregrine/app/ui');
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  // Before the start, which takes a while: a signal must not be lost.
  let signalCount = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (++signalCount > 1) process.exit(exit.ok);
      stop();
    });
  }
  process.on('SIGHUP', () => {}); // Nothing is read again; it should not end the program either.
  try {
    const running = await runUi({
      ...settings,
      environment: process.env,
      write: (line) => {
        const level = marks.findIndex((mark) => line.includes(mark));
        if (level < 0 || level >= settings.level) terminal.err(line);
      },
      onDiagnostics: async (diagnostics) => {
        if (diagnostics.length === 0) return;
        const known = diagnostics.map(({ code }) => hints[code]).find((hint) => hint !== undefined);
        if (known !== undefined) return terminal.fail(known.message, known.hint);
        const { renderFindings } = await import('@peregrine/app/findings');
        terminal.err(renderFindings(diagnostics, [], { isColourful: terminal.isColourful }));
      },
    });
    if (running === undefined) return exit.failed;
    const redis = settingOf(found, process.env, 'redis-url', 'REDIS_URL') ?? '';
    if (redis !== '') {
      terminal.note(
        `events are kept in \`${running.folder}\`, and Redis is not needed: \`peregrine alerts import redis://${redis} --to http://127.0.0.1:${settings.port}\` brings over what is there`,
      );
    }
    await stopped;
    await running.hub.stop();
    return exit.ok;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const hint = hints[error.code];
    if (hint === undefined) throw error;
    terminal.fail(hint.message, hint.hint);
    return exit.failed;
  }
}

/** What the options are called here. */
const hints: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  'weak-password': {
    message: 'the user has a password that everybody would guess',
    hint: `give another one with \`-u NAME:PASSWORD\` or ${PREFIX}USER; with --allow-default-password, or ${PREFIX}ALLOW_DEFAULT_PASSWORD=true, whoever reaches the port is in`,
  },
  'ui-access': {
    message: 'without users, everybody who reaches the address would see all alerts',
    hint: 'leave out `-d`, or listen with `-a 127.0.0.1`',
  },
};

function settingOf(
  found: Arguments,
  environment: Readonly<Record<string, string | undefined>>,
  option: string,
  variable: string,
): string | undefined {
  return found.valueOf(option) ?? (environment[`${PREFIX}${variable}`] || undefined);
}

/** With everything that is wrong. */
async function readSettings(
  found: Arguments,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Settings & { readonly problems: readonly string[] }> {
  const { parseLongDuration } = await import('@peregrine/app/ui');
  const problems: string[] = [];
  const value = (option: string, variable: string, fallback: string): string =>
    settingOf(found, environment, option, variable) ?? fallback;
  // COMPAT: of variables, only `true` is.
  const flag = (option: string, variable: string): boolean =>
    found.has(option) || environment[`${PREFIX}${variable}`] === 'true';

  const address = value('addr', 'ADDR', '0.0.0.0');
  if (process.getBuiltinModule('node:net').isIP(address) === 0)
    problems.push(`\`-a\` is \`${address}\`, which is no IP address`);
  const portText = value('port', 'PORT', '2802');
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port <= 65_535)) problems.push(`\`-p\` is \`${portText}\`, which is no port`);
  const ttl = value('ttl', 'TTL', '0s');
  const ttlMs = parseLongDuration(ttl);
  if (ttlMs === undefined)
    problems.push(`\`-t\` is \`${ttl}\`, which is no length of time such as 90, 5min, 24h, 7d or 1W`);
  const levelText = value('loglevel', 'LOGLEVEL', 'info').toLowerCase();
  const level = levels.indexOf(levelText);
  if (level < 0) problems.push(`\`-l\` is \`${levelText}\`, and must be one of ${levels.join(', ')}`);
  const user = value('user', 'USER', 'admin:admin');
  const colon = user.indexOf(':');
  if (colon <= 0 || colon === user.length - 1)
    problems.push('`-u` needs a name, a colon and a password: `-u NAME:PASSWORD`');
  return {
    address,
    port,
    ttlMs: ttlMs ?? 0,
    level,
    user: flag('disableauth', 'DISABLEAUTH')
      ? undefined
      : { name: user.slice(0, colon), password: user.slice(colon + 1) },
    allowsDefaultPassword: flag('allow-default-password', 'ALLOW_DEFAULT_PASSWORD'),
    folder: value('store', 'STORE', ''),
    problems,
  };
}
