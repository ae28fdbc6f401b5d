/** Rules that are changed in the web interface are taken by the sensor at once. In a cgroup of its own. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, Scratch, start, until } from './program.ts';
import { WebClient, webAddressIn } from './web-client.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live rules' : `live rules (skipped: ${obstacle})`;
const LIMIT_MS = 60_000;

describe.skipIf(obstacle !== undefined)(title, () => {
  let scratch: Scratch;
  let cgroup: LiveCgroup;
  let running: Running | undefined;
  let made = '';
  beforeEach(() => {
    scratch = new Scratch();
    cgroup = createLiveCgroup();
    made = scratch.path('made');
    mkdirSync(made);
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    await cgroup.remove();
    scratch.remove();
  });

  async function watch(changeRules: string): Promise<WebClient> {
    const rules = scratch.write(
      'rules.yaml',
      `
- rule: Marker
  desc: A file is made.
  condition: evt.type in (open, openat, creat) and evt.is_open_write = true and fd.name startswith ${made}/
  output: "%proc.name %fd.name"
  priority: NOTICE
- rule: Sleeper
  desc: Another.
  condition: evt.type in (open, openat, creat) and evt.is_open_write = true and fd.name startswith ${made}/ and proc.name = cp
  output: sleeper
  priority: NOTICE
  enabled: false
`,
    );
    const program = start(
      'peregrine',
      ['up', '--json', '-r', rules, '--scope', `cgroup:${cgroup.path}`, '-o', 'rule_matching=all'],
      {
        environment: {
          ...{ PEREGRINE_UI: 'on', UI_LISTENPORT: '0', UI_CHANGERULES: changeRules },
          JOURNAL_PATH: scratch.path('state'),
        },
      },
    );
    running = program;
    const isDecided = (): boolean =>
      webAddressIn(program.err()) !== undefined || program.child.exitCode !== null;
    await until('the web interface', isDecided, LIMIT_MS);
    return new WebClient(webAddressIn(program.err()) ?? program.err());
  }

  const lines = (): number => (running?.out() ?? '').split('\n').length - 1;
  const inCgroup = async (command: string): Promise<void> => {
    const child = cgroup.spawn(command);
    await new Promise((resolve) => child.once('close', resolve));
  };

  test('an exception hides what it is about, and a rule is turned on', {
    timeout: 3 * LIMIT_MS,
  }, async () => {
    const web = await watch('anyone');
    await inCgroup(`touch ${made}/a`);
    await until('an alert', () => lines() === 1, LIMIT_MS);
    let alerts: { id: string }[] = [];
    await until(
      'the alert in the store',
      () => {
        void web.get('/alerts').then(({ body }) => {
          alerts = body.alerts as typeof alerts;
        });
        return alerts.length === 1;
      },
      LIMIT_MS,
    );

    const proposed = await web.send('POST', '/tune/propose', { alertId: alerts[0]?.id });
    expect(proposed).toMatchObject({ status: 200, body: { rule: 'Marker' } });
    const candidates = proposed.body.candidates as { title: string; exception: unknown }[];
    const exception = candidates.find(({ title }) => title === 'This program')?.exception;
    expect(exception).toMatchObject({ fields: ['proc.name'], values: [['touch']] });
    const preview = await web.send('POST', '/tune/preview', { rule: 'Marker', exception });
    expect(preview).toMatchObject({ status: 200, body: { hiddenCount: 1, total: 1, findings: [] } });
    const applied = await web.send('POST', '/tune/apply', { rule: 'Marker', exception, triage: true });
    expect(applied).toMatchObject({ status: 200, body: { version: 1, isLive: true, triaged: 1 } });

    const on = await web.send('PUT', '/rules/Sleeper/enabled', { isEnabled: true });
    expect(on).toMatchObject({ status: 200, body: { version: 2, isLive: true } });
    await inCgroup(`touch ${made}/b; cp ${made}/b ${made}/c`);
    await until('alerts of both rules', () => lines() === 3, LIMIT_MS);
    expect(running?.out()).not.toContain(`touch ${made}/b`);

    const bad = { text: '- rule: X\n  condition: nonsense\n', version: 2 };
    expect(await web.send('PUT', '/rules-files/web-rules.yaml', bad)).toMatchObject({ status: 422 });
    const { body } = await web.get('/sensors');
    expect(body.sensors).toMatchObject([{ hostname: 'tester', isHere: true, kind: 'peregrine' }]);
    const rules = (await web.get('/rules')).body.rules as { name: string; matchCount: number }[];
    expect(rules.map(({ name, matchCount }) => [name, matchCount])).toEqual([
      ['Marker', 2],
      ['Sleeper', 1],
    ]);

    // What was changed holds after a restart, and is passed over where it does not fit any more.
    running?.child.kill('SIGTERM');
    const ended = await running?.ended;
    expect(ended && bugIn(ended)).toBe('');
    await watch('anyone');
    await inCgroup(`touch ${made}/d; cp ${made}/d ${made}/e`);
    await until('alerts of both rules again', () => lines() === 2, LIMIT_MS);
    running?.child.kill('SIGTERM');
    await running?.ended;
    const path = scratch.path('state/web-rules.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('Sleeper', 'Gone'));
    const passedOver = await watch('anyone');
    expect(running?.err()).toContain('does not fit the rules');
    expect((await passedOver.get('/rules-files')).body.changes).toMatchObject({ isInUse: false });
    await inCgroup(`touch ${made}/f`);
    await until('an alert without the exception', () => lines() === 1, LIMIT_MS);
    rmSync(path);
  });

  test('nobody who has not signed in changes rules', { timeout: 3 * LIMIT_MS }, async () => {
    const web = await watch('signedin');
    const on = await web.send('PUT', '/rules/Sleeper/enabled', { isEnabled: true });
    expect(on).toMatchObject({ status: 403, body: { code: 'rules-locked' } });
    const files = await web.get('/rules-files');
    expect(files.body.changes).toMatchObject({ isAllowed: false, isLive: true });
  });
});
