/** Every command of `peregrine`: what it prints, where, and with which status it ends. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bugIn, hostCapture, root, run, Scratch, seedsRules, start, until } from './program.ts';

interface FiltersShown {
  readonly offReason?: string;
  readonly events: readonly { readonly event: string; readonly passes: string }[];
}

let scratch: Scratch;
let rules = '';
beforeAll(() => {
  scratch = new Scratch();
  rules = scratch.write(
    'rules.yaml',
    `- rule: Shadow read
  desc: Somebody read the password file
  condition: evt.type in (open, openat) and fd.name = /etc/shadow
  output: shadow read by %proc.name
  priority: WARNING
  tags: [files]
- rule: Anything opened
  desc: For contrast
  condition: evt.type in (open, openat) and fd.name startswith /etc
  output: opened %fd.name
  priority: DEBUG
`,
  );
});
afterAll(() => scratch.remove());

describe('help', () => {
  test.each([['--help'], ['-h'], ['help']])('%s gives an overview', async (...given) => {
    const { status, out, err } = await run('peregrine', given);
    expect([status, err]).toEqual([0, '']);
    for (const name of ['up', 'replay', 'rules check', 'rules list', 'fields', 'events', 'version']) {
      expect(out).toContain(`  ${name} `);
    }
  });

  test.each(['up', 'replay', 'rules check', 'rules list', 'rules filters', 'fields', 'events', 'version'])(
    '%s --help',
    async (name) => {
      const { status, out, err } = await run('peregrine', [...name.split(' '), '--help']);
      expect([status, err]).toEqual([0, '']);
      expect(out).toContain(`Usage: peregrine ${name}`);
      expect(out).toContain(`Examples:\n  peregrine ${name}`);
    },
  );

  test.each([
    [[], 2],
    [['replya'], 2],
    [['rules'], 2],
    [['rules', 'chek'], 2],
    [['replay'], 2],
    [['replay', '--jsno', 'x'], 2],
    [['version', 'x'], 2],
    [['replay', 'x', '-r'], 2],
  ])('%j is a usage error', async (given, expected) => {
    const ended = await run('peregrine', given);
    expect(ended.status).toBe(expected);
    expect(bugIn(ended)).toBe('');
  });

  test('a mistyped name gets a suggestion', async () => {
    expect((await run('peregrine', ['replya'])).err).toContain('did you mean `replay`?');
    expect((await run('peregrine', ['replay', '--jsno', 'x'])).err).toContain('did you mean `--json`?');
  });
});

describe('version', () => {
  test('for people and for programs', async () => {
    const text = await run('peregrine', ['version']);
    expect([text.status, text.err]).toEqual([0, '']);
    expect(text.out).toMatch(/^Peregrine \d+\.\d+\.\d+\n/);
    const { out } = await run('peregrine', ['--version', '--json']);
    expect(JSON.parse(out)).toMatchObject({ engineVersion: '0.63.0' });
  });
});

describe('rules filters', () => {
  const filters = async (...given: readonly string[]): Promise<FiltersShown> =>
    JSON.parse((await run('peregrine', ['rules', 'filters', '--json', ...given])).out);
  const filterRules = (name: string, condition: string): string =>
    scratch.write(
      name,
      JSON.stringify([{ rule: 'Only', desc: '-', condition, output: 'seen %proc.name', priority: 'NOTICE' }]),
    );

  test('for each event what passes, and for which rule or for the tables', async () => {
    const file = filterRules(
      'opens.yaml',
      'evt.type = openat and fd.name = /etc/shadow and evt.is_open_read = true',
    );
    const { offReason, events } = await filters(file);
    const of = (name: string): FiltersShown['events'][number] | undefined =>
      events.find(({ event }) => event === name);
    expect(offReason).toBeUndefined();
    expect(of('openat')).toMatchObject({
      passes: 'matching',
      conditions: [{ result: 'any', flags: ['O_RDONLY'], paths: ['/etc/shadow'], rules: ['Only'] }],
    });
    expect(of('close')).toMatchObject({ passes: 'known-fd', rules: [], isForTables: true });
    expect(of('execve')).toMatchObject({ passes: 'all', rules: [], isForTables: true });
    const text = (await run('peregrine', ['rules', 'filters', file])).out;
    expect(text).toContain('  flags O_RDONLY, path /etc/shadow  <- Only\n');
    expect(text).toContain('execve: all  <- the tables\n');
  });

  test('a rule or a setting that takes everything is named', async () => {
    const file = filterRules('closes.yaml', 'evt.type = close and fd.name = /etc/shadow');
    expect((await filters(file)).offReason).toBe(
      '`Only` may look at any file that is open: it reads fd.name of close',
    );
    const off = ['-o', 'engine.modern_ebpf.kernel_filters=false'];
    expect((await filters(...off)).offReason).toBe('`engine.modern_ebpf.kernel_filters` is off');
    expect((await filters('-o', 'capture.enabled=true')).offReason).toContain('recordings around alerts');
  });

  test('rules that cannot be used are refused', async () => {
    const ended = await run('peregrine', ['rules', 'filters', filterRules('bad.yaml', 'evt.tpye = close')]);
    expect([ended.status, ended.out]).toEqual([1, '']);
    expect(ended.err).toContain('evt.tpye');
  });
});

describe('replay', () => {
  test('writes alerts alone to standard output', async () => {
    const { status, out, err } = await run('peregrine', [
      'replay',
      hostCapture,
      '-r',
      rules,
      '-o',
      'append_output=',
    ]);
    expect(status).toBe(0);
    expect(out).toContain('\n07:51:39.826425192: Warning shadow read by cat\n');
    for (const line of out.trimEnd().split('\n'))
      expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{9}: (Warning|Debug) /);
    expect(err).toContain('peregrine: 2 rules are on, of 2\n');
  });

  test('as JSON, all that match, several captures, less urgent rules left out', async () => {
    const first = await run('peregrine', ['replay', hostCapture, '-r', rules, '--json']);
    const all = await run('peregrine', ['replay', hostCapture, '-r', rules, '--json', '--matching', 'all']);
    const names = (text: string): string[] =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).rule);
    const count = (text: string, rule: string): number => names(text).filter((name) => name === rule).length;
    const shadows = count(first.out, 'Shadow read');
    expect(shadows).toBeGreaterThan(0);
    expect(count(all.out, 'Anything opened')).toBe(count(first.out, 'Anything opened') + shadows);
    const twice = await run('peregrine', [
      'replay',
      hostCapture,
      hostCapture,
      '-r',
      rules,
      '--json',
      '-o',
      'priority=warning',
    ]);
    expect(names(twice.out)).toEqual(Array(2 * shadows).fill('Shadow read'));
  });

  test('gives the alerts that were recorded', async () => {
    const { out } = await run(
      'peregrine',
      ['replay', hostCapture, '-r', seedsRules, '--json', '-o', 'priority=warning'],
      {
        environment: { FALCO_HOSTNAME: 'vm' },
      },
    );
    const recorded = readFileSync(join(root, 'corpora/detect/seeds/host.first.jsonl'), 'utf8');
    const wanted = recorded
      .split('\n')
      .filter((line) => /"priority":"(Warning|Error|Critical|Alert|Emergency)"/.test(line));
    expect(out.trimEnd().split('\n')).toEqual(wanted);
  });

  test('with the rules that come along, and a summary', async () => {
    const { status, err } = await run('peregrine', ['replay', hostCapture, '--summary']);
    expect(status).toBe(0);
    expect(err).toMatch(/19,263 events, \d+ alerts/);
  });

  test('into a reader that goes away ends quietly', async () => {
    const replay = `"$0" replay ${hostCapture} -r ${rules} --matching all | head -n 1`;
    const { status, out, err } = await run('/bin/sh', [
      '-c',
      replay,
      `${import.meta.dirname}/../bin/peregrine`,
    ]);
    expect(status).toBe(0);
    expect(out.split('\n')).toHaveLength(2);
    expect(err).not.toMatch(/EPIPE|error/);
  });

  test('ends at a signal, with what was found', async () => {
    const running = start('peregrine', ['replay', ...Array(2000).fill(hostCapture), '-r', rules]);
    await until('the first alerts', () => running.out().includes('shadow read'));
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.out.split('shadow read').length).toBeLessThan(2000);
  });

  test('waits for a reader that takes its time', async () => {
    const captures = Array(60).fill(hostCapture).join(' ');
    const line = `"$0" replay ${captures} -r ${rules} -o output_timeout=100 | { sleep 3; wc -l; }`;
    const direct = await run('peregrine', ['replay', ...captures.split(' '), '-r', rules]);
    const slow = await run('/bin/sh', ['-c', line, `${root}/bin/peregrine`]);
    expect(slow.out.trim()).toBe(String(direct.out.trimEnd().split('\n').length));
    expect(direct.out.length).toBeGreaterThan(1 << 16);
  });
});

describe('rules', () => {
  test('check says that all is well', async () => {
    const { status, out, err } = await run('peregrine', ['rules', 'check', rules]);
    expect([status, out, err]).toEqual([0, '2 rules, 0 errors, 0 warnings\n', '']);
  });

  test('check finds everything at once, with places', async () => {
    const bad = scratch.write(
      'bad.yaml',
      `- rule: A
  desc: d
  condition: evt.type = open and proc.nmae = x
  output: o
  priority: WARNING
- rule: B
  desc: d
  condition: evt.type = open and unknown_macro
  output: "%no.such"
  priority: LOUD
`,
    );
    const { status, out } = await run('peregrine', ['rules', 'check', bad]);
    expect(status).toBe(1);
    expect(out).toContain(`${bad}:3:`);
    expect(out).toContain('proc.name');
    expect(out).toContain('LOUD');
    const json = await run('peregrine', ['rules', 'check', bad, '--json']);
    expect(json.status).toBe(1);
    const { usable, findings } = JSON.parse(json.out);
    expect(usable).toBe(false);
    expect(findings.length).toBeGreaterThanOrEqual(2);
    expect(
      findings.map((finding: { span: { file: string; start: { line: number } } }) => finding.span),
    ).toContainEqual(expect.objectContaining({ file: bad, start: expect.objectContaining({ line: 3 }) }));
  });

  test('list shows what is on', async () => {
    const { status, out } = await run('peregrine', [
      'rules',
      'list',
      '-r',
      rules,
      '-o',
      'rules[].disable.tag=files',
    ]);
    expect(status).toBe(0);
    expect(out).toBe('off  Warning        Shadow read\non   Debug          Anything opened\n');
    const json = await run('peregrine', ['rules', 'list', '-r', rules, '--json']);
    expect(JSON.parse(json.out)).toMatchObject([
      { name: 'Shadow read', priority: 'Warning', enabled: true, tags: ['files'] },
      { name: 'Anything opened', priority: 'Debug' },
    ]);
  });
});

describe('lists', () => {
  test('fields', async () => {
    const { status, out } = await run('peregrine', ['fields', 'proc.aname']);
    expect(status).toBe(0);
    expect(out).toMatch(/^proc\.aname /);
    const all = JSON.parse((await run('peregrine', ['fields', '--json', '--source', 'syscall'])).out);
    expect(all[0].fields.length).toBeGreaterThan(200);
    const unknown = await run('peregrine', ['fields', '--source', 'syscal']);
    expect([unknown.status, unknown.err]).toEqual([
      1,
      'peregrine: error: there is no source `syscal`\n  did you mean `syscall`?\n',
    ]);
    expect((await run('peregrine', ['fields', 'no.such.field'])).status).toBe(1);
  });

  test('events', async () => {
    const { status, out } = await run('peregrine', ['events', 'openat']);
    expect(status).toBe(0);
    expect(out).toMatch(/^openat {2,}/m);
    expect(JSON.parse((await run('peregrine', ['events', '--json'])).out).length).toBeGreaterThan(100);
    const audit = await run('peregrine', ['events', '--source', 'k8s_audit']);
    expect([audit.status, audit.out]).toEqual([0, expect.stringMatching(/^pluginevent .*\n$/)]);
    expect(audit.err).toContain('`peregrine fields --source k8s_audit`');
    expect((await run('peregrine', ['events', '--source', 'k8saudit'])).err).toContain(
      'there is no source `k8saudit`\n  did you mean `k8s_audit`?',
    );
  });

  test('rules of one source are checked alone, those of a plugin of the user’s too', async () => {
    const rule = (name: string, source: string, condition: string): string =>
      `- {rule: ${name}, desc: d, source: ${source}, condition: ${condition}, output: o, priority: INFO}\n`;
    const file = scratch.write(
      'mixed.yaml',
      rule('Calls', 'syscall', 'no.such.field exists') +
        rule('Audit', 'k8s_audit', 'ka.verb = get') +
        rule('Doors', 'doors', 'door.nam = cellar'),
    );
    const check = (...more: readonly string[]) => run('peregrine', ['rules', 'check', file, ...more]);
    expect((await check()).status).toBe(1);
    const audit = await check('--source', 'k8s_audit');
    expect([audit.status, audit.out]).toEqual([
      0,
      expect.stringMatching(/source `doors`[\s\S]*1 rules, 0 errors, 1 warnings\n$/),
    ]);
    const plugin = scratch.write(
      'doors.mjs',
      `export const plugin = {name: 'door-log', version: '1.0.0', source: 'doors', doc: 'Doors.',
        fields: {'door.name': {doc: 'Name of the door.', read: (event) => event.door}}, async *open() {}};`,
    );
    const config = scratch.write(
      'doors-falco.yaml',
      `plugins: [{name: door-log, library_path: ${plugin}}]\n`,
    );
    const doors = await check('--source', 'doors', '-c', config);
    expect([doors.status, doors.out]).toEqual([
      1,
      expect.stringMatching(
        /unknown field `door.nam`[\s\S]*did you mean `door.name`[\s\S]*0 rules, 1 errors, 0 warn/,
      ),
    ]);
    const fields = await run('peregrine', ['fields', '--source', 'doors', '-c', config, 'door']);
    expect(fields.out).toBe('door.name  Name of the door. (CHARBUF)\n');
  });
});

test.skipIf(process.getuid?.() !== 0)(
  'without root, watching says what is missing (needs root to drop it)',
  async () => {
    const drop = 'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" up';
    const ended = await run('/bin/sh', ['-c', drop, `${import.meta.dirname}/../bin/peregrine`]);
    expect(ended.status).toBe(1);
    expect(ended.err).toMatch(/error: .*(root|privilege|permission)/i);
    expect(bugIn(ended)).toBe('');
  },
);

test('colour is for terminals, and not when it is unwanted', async () => {
  const { err } = await run('peregrine', ['replay', '/nowhere']);
  expect(err).not.toContain('\u001b');
  const shown = await run('/bin/sh', [
    '-c',
    'script -qec "$0 replay /nowhere" /dev/null </dev/null',
    `${import.meta.dirname}/../bin/peregrine`,
  ]);
  if (shown.status !== 127) expect(shown.out).toContain('\u001b[31m');
  const plain = await run(
    '/bin/sh',
    [
      '-c',
      'script -qec "$0 replay /nowhere" /dev/null </dev/null',
      `${import.meta.dirname}/../bin/peregrine`,
    ],
    {
      environment: { NO_COLOR: '1' },
    },
  );
  expect(plain.out).not.toContain('\u001b[31m');
});

describe('explain', () => {
  const rule = (name: string, condition: string): string =>
    `- {rule: ${name}, desc: d, condition: "${condition}", output: "event %evt.num", priority: INFO}\n`;

  test('an event that a rule matched, and one that another did not', async () => {
    const file = scratch.write(
      'explained.yaml',
      rule('Shadow', 'evt.type in (open, openat) and fd.name = /etc/shadow') +
        rule('Other', 'evt.type = openat and fd.name = /etc/other'),
    );
    const replayed = await run('peregrine', ['replay', hostCapture, '-r', file]);
    const number = /event (\d+)/.exec(replayed.out)?.[1] ?? '';
    const { status, out } = await run('peregrine', ['explain', hostCapture, '-e', number, '-r', file]);
    expect(status).toBe(0);
    expect(out).toMatch(/^Shadow: matches$/m);
    expect(out).toMatch(/^Other: does not match$/m);
    expect(out).toMatch(/^no +fd\.name = \/etc\/other {2}<- "\/etc\/shadow"$/m);
    const one = await run('peregrine', [
      ...['explain', hostCapture, '-e', number, '-r', file, '--rule', 'Other', '--json'],
    ]);
    expect(JSON.parse(one.out)).toMatchObject({ rules: [{ name: 'Other', isAsked: true }] });
  });

  test.each([
    [['-e', 'x'], 2, /`--event` needs the number of an event/],
    [['-e', '999999999'], 1, /there is no event 999999999/],
    [['-e', '2318', '--rule', 'Nothing'], 1, /there is no rule `Nothing` that is on/],
  ])('%j is refused', async (given, status, expected) => {
    const ended = await run('peregrine', ['explain', hostCapture, ...given]);
    expect([ended.status, bugIn(ended)]).toEqual([status, '']);
    expect(ended.err).toMatch(expected);
  });
});
