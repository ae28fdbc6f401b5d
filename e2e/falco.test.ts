// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of configuration files, not of templates.
/** `bin/falco`: flags, exit statuses, configuration, validation, and outputs, as users of the reference have them. */

import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenUnix } from '../packages/outputs/testing/unix-receiver.ts';
import { bugIn, hostCapture, root, run, Scratch, seedsRules } from './program.ts';

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
`,
  );
});
afterAll(() => scratch.remove());

/** A configuration that replays the recording. */
function configOf(more: string): string {
  return scratch.write(
    'falco.yaml',
    `rules_files: [${rules}]\nengine: {kind: replay, replay: {capture_file: ${hostCapture}}}\nlog_syslog: false\n${more}\n`,
  );
}

const firstAlert = /^07:51:39\.826425192: Warning shadow read by cat$/;

describe('information', () => {
  test.each([
    [['--help'], /Usage: falco/],
    [
      ['--version'],
      /^Falco version: .*\nLibs version: {2}.*\nPlugin API: {4}3\.12\.0\nEngine: {8}0\.63\.0\n/,
    ],
    [['--page-size'], /size is: 4096 bytes|size is: \d+ bytes/],
    [['-i'], /\bread write\b/],
    [['--list', '-N'], /^proc\.name$/m],
    [['--list=syscall', '--format', 'markdown'], /^\| `proc\.name` \|/m],
    [['--list-events'], /^openat\(.*FSPATH|^openat\(/m],
    [['--list-events', '--markdown'], /^\| `openat` \|/m],
    [['--list-plugins'], /container/],
    [['--plugin-info', 'container'], /Name: container/],
  ])('%j', async (given, expected) => {
    const { status, out, err } = await run('falco', given);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(expected);
  });

  test('as JSON', async () => {
    const version = JSON.parse((await run('falco', ['--version', '-o', 'json_output=true'])).out);
    expect(version).toMatchObject({
      engine_version: '63',
      engine_version_semver: '0.63.0',
      driver_api_version: '10.1.0',
    });
    const schema = JSON.parse((await run('falco', ['--config-schema'])).out);
    expect(schema.properties.http_output.properties.max_consecutive_timeouts.type).toBe('integer');
    expect(JSON.parse((await run('falco', ['--rule-schema'])).out).type).toBe('array');
    const support = JSON.parse((await run('falco', ['--support', '-r', rules])).out);
    expect(support.rules_files[0].content).toContain('Shadow read');
    const all = JSON.parse((await run('falco', ['-L', '-r', rules, '-o', 'json_output=true'])).out);
    expect(all.rules[0]).toMatchObject({
      info: { name: 'Shadow read', priority: 'Warning' },
      details: { condition_fields: ['evt.type', 'fd.name'], output_fields: ['proc.name'] },
    });
  });

  test('one rule described', async () => {
    const { status, out } = await run('falco', ['-l', 'Shadow read', '-r', rules]);
    expect(status).toBe(0);
    expect(out).toMatch(/Shadow read +Somebody read the password file/);
    expect(out).toMatch(/^Compiled +evt\.type in \(open, openat\) and fd\.name = \/etc\/shadow$/m);
    expect(out).toMatch(/^Fields +evt\.type, fd\.name$/m);
    expect(out).toMatch(/^Output fields +proc\.name$/m);
  });
});

describe('refusals end with status 1 and one error', () => {
  test.each([
    [['-A'], /^Error: unknown option `-A`/],
    [['--snaplen', '10'], /^Error: unknown option `--snaplen`/],
    [['--cri', 'x'], /^Error: unknown option `--cri`/],
    [['extra'], /^Error: `extra` is no option/],
    [[], /^Error: there is no configuration file/],
    [['-c', '/nowhere/falco.yaml'], /cannot read configuration file `\/nowhere\/falco.yaml`[\s\S]*Error: /],
    [['-o', 'priority=loud', '-r', 'x.yaml'], /`priority` cannot be `loud`[\s\S]*Error: /],
    [['-o', 'nonsense', '-r', 'x.yaml'], /cannot use `-o nonsense`[\s\S]*Error: /],
    [['-r', '/nowhere/rules.yaml'], /cannot read rules file `\/nowhere\/rules.yaml`[\s\S]*Error: /],
    [['--enable-source', 'x'], /there is no source `x`[\s\S]*Error: /],
    [['--enable-source', 'syscall', '--disable-source', 'syscall'], /^Error: .*do not go together/],
    [['--disable-source', 'syscall', '-r', seedsRules], /^Error: no source of events is left/m],
    [['--format', 'json', '--markdown', '--list'], /^Error: .*do not go together/],
    [['--format', 'xml', '--list'], /^Error: .*not known/],
    [['-M', 'x'], /^Error: .*not a number/],
    [['--plugin-info', 'x'], /^Error: there is no plugin/],
    [['-l', 'No such rule'], /^Error: there is no rule/],
    [['-V', '/nowhere/x.yaml'], /cannot read rules file[\s\S]*Error: /],
  ])('%j', async (given, expected) => {
    const environment = { HOME: scratch.folder };
    const ended = await run('falco', given, { environment });
    expect(ended.status).toBe(1);
    expect(ended.err).toMatch(expected);
    expect(bugIn(ended)).toBe('');
  });
});

describe('validation', () => {
  test('of good files', async () => {
    const { status, out, err } = await run('falco', ['-V', rules]);
    expect([status, out.trimEnd(), err]).toEqual([0, `${rules}: Ok`, '']);
    const json = await run('falco', ['-V', rules, '-V', seedsRules, '-o', 'json_output=true']);
    expect(json.status).toBe(0);
    expect(JSON.parse(json.out).falco_load_results).toMatchObject([
      { name: rules, successful: true, errors: [], warnings: [] },
      { name: seedsRules, successful: true },
    ]);
  });

  test('of bad files', async () => {
    const bad = scratch.write(
      'bad.yaml',
      '- rule: A\n  desc: d\n  condition: proc.nmae = x\n  output: o\n  priority: INFO\n',
    );
    const text = await run('falco', ['-V', bad]);
    expect([text.status, text.out]).toEqual([1, '']);
    expect(text.err).toMatch(/^Error: .*bad\.yaml: Invalid\n[\s\S]*LOAD_ERR_COMPILE_CONDITION/);
    const json = await run('falco', ['-V', rules, bad, '-o', 'json_output=true']);
    expect([json.status, json.err]).toEqual([1, '']);
    const { falco_load_results: results } = JSON.parse(json.out);
    expect(results).toMatchObject([
      { successful: true },
      {
        successful: false,
        errors: [{ code: 'LOAD_ERR_COMPILE_CONDITION', codedesc: 'Error compiling condition' }],
      },
    ]);
    expect(results[1].errors[0].context.locations[0].item_type).toBe('rules content');
  });
});

describe('detection from a capture', () => {
  test('alerts and counts go to standard output, the log to standard error', async () => {
    const { status, out, err } = await run('falco', ['-c', configOf('stdout_output: {enabled: true}')]);
    expect(status).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(firstAlert);
    const alerts = lines.filter((line) => line.includes('shadow read')).length;
    expect(out).toContain(
      `Events detected: ${alerts}\nRule counts by severity:\n   WARNING: ${alerts}\nTriggered rules by rule name:\n   Shadow read: ${alerts}\n`,
    );
    for (const line of err.trimEnd().split('\n'))
      expect(line).toMatch(/^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}: /);
  });

  test('overrides, environment, selection, added output, ISO times', async () => {
    const config = configOf('stdout_output: {enabled: "${ON}"}\nappend_output: [{extra_output: "seen"}]');
    const iso = await run('falco', ['-c', config, '-o', 'time_format_iso_8601=true', '-p', 'here'], {
      environment: { ON: 'true' },
    });
    expect(iso.out.split('\n')[0]).toBe(
      '2026-11-21T07:51:39.826425192+0000: Warning shadow read by cat seen here',
    );
    expect(iso.err.split('\n')[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000: /);
    const silent = await run('falco', ['-c', config]);
    expect(silent.out).toMatch(/^Events detected: [1-9]/);
    const off = await run('falco', ['-c', config, '-o', 'rules[].disable.rule=Shadow *']);
    expect(off.out).toMatch(/^Events detected: 0\n/);
  });

  test('to a file, a program and the web, each alert to each', async () => {
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      bodies.push(`${request.headers['content-type']} ${body}`);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const file = scratch.path('alerts.log');
    const program = scratch.path('program.log');
    const config = configOf(`json_output: true
file_output: {enabled: true, filename: ${file}}
program_output: {enabled: true, program: "cat >> ${program}"}
http_output: {enabled: true, url: "http://127.0.0.1:${port}/"}`);
    const ended = await run('falco', ['-c', config]);
    server.close().closeAllConnections();
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      rule: 'Shadow read',
      hostname: 'tester',
      priority: 'Warning',
    });
    expect(readFileSync(program, 'utf8').trimEnd().split('\n')).toEqual(lines);
    expect(bodies).toEqual(lines.map((line) => `application/json ${line}`));
  });

  test('to the log daemon, severity from the priority', async () => {
    const socket = scratch.path('log');
    const receiver = listenUnix(socket);
    const received: string[] = [];
    const drain = setInterval(() => {
      for (let message = receiver.receive(); message !== undefined; message = receiver.receive())
        received.push(message);
    }, 5);
    const config = configOf(
      `stdout_output: {enabled: true}\nsyslog_output: {enabled: true, socket: ${socket}}`,
    );
    const { status, out } = await run('falco', ['-c', config]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    clearInterval(drain);
    receiver.close();
    expect(status).toBe(0);
    const alerts = out.split('\n').filter((line) => line.includes('shadow read'));
    expect(
      received.map((message) => message.replace(/^<12>\w{3} [ \d]\d \d\d:\d\d:\d\d falco: /, '')),
    ).toEqual(alerts);
  });

  test('an output that cannot be opened does not keep the others', async () => {
    const config = configOf(
      'stdout_output: {enabled: true}\nfile_output: {enabled: true, filename: /nowhere/a.log}',
    );
    const { status, out, err } = await run('falco', ['-c', config]);
    expect(status).toBe(0);
    expect(out.split('\n')[0]).toMatch(firstAlert);
    expect(err).toContain('output `file` is left out');
  });

  test('what this build has not is told of', async () => {
    const { status, err } = await run('falco', [
      '-c',
      configOf(
        'webserver: {enabled: true}\nmetrics: {enabled: true, interval: 1h, output_rule: true}\nunknown_key: 1',
      ),
    ]);
    expect(status).toBe(0);
    expect(err).toContain('`metrics` and `webserver` are for live detection');
    expect(err).toMatch(/schema validation: failed for .*unknown key `unknown_key`/);
  });

  test('stops after as many seconds of the recording', async () => {
    const config = configOf('stdout_output: {enabled: true}');
    const whole = await run('falco', ['-c', config]);
    const none = await run('falco', ['-c', config, '-M', '0']);
    expect(none.status).toBe(0);
    expect(none.out.length).toBeLessThan(whole.out.length);
  });

  test('writes its process id, and a dry run only loads', async () => {
    const pid = scratch.path('pid');
    const config = configOf(`program_output: {enabled: true, program: "cat ${pid} > ${pid}.seen"}`);
    const { status } = await run('falco', ['-c', config, '-P', pid]);
    expect(status).toBe(0);
    expect(readFileSync(`${pid}.seen`, 'utf8')).toMatch(/^\d+\n$/);
    expect(existsSync(pid)).toBe(false);
    const dry = await run('falco', ['-c', config, '--dry-run']);
    expect([dry.status, dry.out]).toEqual([0, '']);
    expect(dry.err).toContain('1 rules are on, of 1');
  });

  test('a configuration that includes others', async () => {
    scratch.write('more.yaml', 'stdout_output: {enabled: true}\npriority: debug\n');
    const config = configOf(`config_files: [${scratch.path('more.yaml')}]\npriority: error`);
    expect((await run('falco', ['-c', config])).out.split('\n')[0]).toMatch(firstAlert);
    const override = await run('falco', ['-c', config, '-o', 'priority=critical']);
    expect(override.out).toMatch(/^Events detected: 0/);
  });
});

test('recorded alerts of the reference come out of its own command line', async () => {
  const { out } = await run(
    'falco',
    [
      ...[
        '-r',
        seedsRules,
        '-o',
        'json_output=true',
        '-o',
        'stdout_output.enabled=true',
        '-o',
        'engine.kind=replay',
      ],
      ...[
        '-o',
        `engine.replay.capture_file=${hostCapture}`,
        '-o',
        'append_output[]={suggested_output: true}',
      ],
    ],
    { environment: { FALCO_HOSTNAME: 'vm' } },
  );
  const alerts = out.split('\n').filter((line) => line.startsWith('{'));
  const recorded = readFileSync(join(root, 'corpora/detect/seeds/host.first.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(alerts).toHaveLength(recorded.length);
  expect(alerts[0]).toBe(recorded[0]);
});
