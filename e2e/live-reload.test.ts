/**
 * The running program takes new rules again and again, by signal and by what happens to its files, while processes make
 * events: none is missed or reported twice, what is known stays known, and nothing grows. In a cgroup of its own.
 */

import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kernelObjectsOf } from '../packages/sources/testing/kernel-objects.ts';
import { liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { useLiveBench } from './places.ts';
import { bugIn, type Running, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live reload' : `live reload (skipped: ${obstacle})`;

const RELOADS_UNDER_LOAD = 20;
const RELOADS_AT_REST = 40;
/** Room for what V8 has not collected yet. A ruleset with its code is several of them, 40 times. */
const MOST_GROWTH_KB = 24 * 1_024;

interface ShownAlert {
  readonly rule: string;
  readonly output: string;
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const bench = useLiveBench();

  async function watch(rules: string, options: readonly string[] = []): Promise<Running> {
    const given = ['up', '--json', '-r', rules, '--scope', `cgroup:${bench.cgroup.path}`];
    const program = start('peregrine', [...given, ...options.flatMap((option) => ['-o', option])]);
    bench.running = program;
    const isDecided = (): boolean => /watching this/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 60_000);
    return program;
  }

  async function runInCgroup(command: string): Promise<void> {
    const child = bench.cgroup.spawn(command);
    await new Promise((resolve) => child.once('close', resolve));
  }

  function alertsOf(program: Running): readonly ShownAlert[] {
    const lines = program.out().split('\n');
    // The last line may not be whole yet.
    return lines.slice(0, -1).map((line): ShownAlert => JSON.parse(line));
  }

  const takenCount = (program: Running): number => program.err().split('are in use').length - 1;

  test('under load: every event makes one alert, and what came before is known', async () => {
    const made = bench.scratch.path('made');
    mkdirSync(made);
    // Enough other rules that a reload takes its time.
    const others = Array.from(
      { length: 60 },
      (_, i) =>
        `- {rule: Other ${i}, desc: d, condition: evt.type = connect and proc.name = none${i} and fd.name contains x${i}, output: o, priority: NOTICE}`,
    ).join('\n');
    const version = (number: number): string => `
- rule: Marker
  desc: A process of the old one makes a file.
  condition: evt.type in (open, openat, creat) and fd.name startswith ${made}/ and proc.aname[2] = ancestor
  output: ${number} %fd.name
  priority: NOTICE
- rule: Line
  desc: Something is written to a file that was opened before any reload.
  condition: evt.type = write and fd.name = ${bench.scratch.path('lines')} and evt.rawres > 0
  output: ${number} %evt.buffer
  priority: NOTICE
${others}
`;
    const rules = bench.scratch.write('rules.yaml', version(0));
    const program = await watch(rules, ['base_syscalls.all=true']);
    const ancestor = bench.scratch.path('ancestor');
    copyFileSync('/bin/sh', ancestor);
    // Two levels of processes that are there before, and one line and one file for each turn.
    const script = `exec 3>${bench.scratch.path('lines')}; i=0
while [ ! -e ${bench.scratch.path('enough')} ]; do i=$((i+1)); echo line-$i- >&3; touch ${made}/$i; done; echo $i >${bench.scratch.path('count')}`;
    const load = bench.cgroup.spawn(
      `cp /bin/sh ${ancestor}; chmod +x ${ancestor}; ${ancestor} -c '/bin/sh ${bench.scratch.write('load.sh', script)}; true'`,
    );
    const loadEnded = new Promise((resolve) => load.once('close', resolve));
    await until('the first alert', () => program.out().includes('Marker'));
    const before = kernelObjectsOf(program.child.pid ?? 0);

    for (let number = 1; number <= RELOADS_UNDER_LOAD; number++) {
      const count = takenCount(program);
      bench.scratch.write('next.yaml', version(number));
      renameSync(bench.scratch.path('next.yaml'), rules);
      if (number % 2 === 0) program.child.kill('SIGHUP');
      await until(`reload ${number}`, () => takenCount(program) > count);
      await until(`an alert of version ${number}`, () => program.out().includes(`Notice ${number} `));
    }
    bench.scratch.write('enough', '');
    await loadEnded;
    const count = Number(readFileSync(bench.scratch.path('count'), 'utf8'));
    await until('the last alert', () => program.out().includes(`${made}/${count}"`));
    await until('the last line', () => program.out().includes(`line-${count}-`));
    const expected = Array.from({ length: count }, (_, i) => i + 1);
    const numbersOf = (rule: string, pattern: RegExp): readonly number[] =>
      alertsOf(program)
        .filter((alert) => alert.rule === rule)
        .map(({ output }) => Number(pattern.exec(output)?.[1]));
    expect(count).toBeGreaterThan(RELOADS_UNDER_LOAD);
    expect(numbersOf('Line', /line-(\d+)-/)).toEqual(expected);
    expect(numbersOf('Marker', /made\/(\d+)/)).toEqual(expected);
    expect(kernelObjectsOf(program.child.pid ?? 0)).toEqual(before);
    program.child.kill('SIGTERM');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.err).not.toMatch(/were lost/);
  }, 180_000);

  test('again and again: neither memory nor what is in the kernel grows', async () => {
    const rules = bench.scratch.write('rules.yaml', '');
    copyFileSync('rules/peregrine_rules.yaml', rules);
    const program = await watch(rules);
    const pid = program.child.pid ?? 0;
    const rssKb = (): number =>
      Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
    const reload = async (): Promise<void> => {
      const count = takenCount(program);
      program.child.kill('SIGHUP');
      await until('a reload', () => takenCount(program) > count);
      // Code is compiled when events come.
      await runInCgroup('cat /etc/hostname; : >/dev/null');
    };
    for (let i = 0; i < 10; i++) await reload();
    const [objects, memoryKb] = [kernelObjectsOf(pid), rssKb()];
    for (let i = 0; i < RELOADS_AT_REST; i++) await reload();
    expect(kernelObjectsOf(pid)).toEqual(objects);
    expect(rssKb() - memoryKb).toBeLessThan(MOST_GROWTH_KB);
  }, 180_000);

  test('a config map: versions come whole, a bad one is refused, the next good one is taken', async () => {
    const folder = bench.scratch.path('rules.d');
    let number = 0;
    /** As the kubelet does it. */
    const publish = (text: string): void => {
      mkdirSync(folder, { recursive: true });
      const old = `..version_${number}`;
      const next = `..version_${++number}`;
      mkdirSync(`${folder}/${next}`);
      writeFileSync(`${folder}/${next}/rules.yaml`, text);
      symlinkSync(next, `${folder}/..data_tmp`);
      renameSync(`${folder}/..data_tmp`, `${folder}/..data`);
      if (number === 1) symlinkSync('..data/rules.yaml', `${folder}/rules.yaml`);
      rmSync(`${folder}/${old}`, { recursive: true, force: true });
    };
    const rule = (
      name: string,
      condition = 'evt.type in (open, openat) and fd.name = /etc/hostname',
    ): string => `- {rule: ${name}, desc: d, condition: '${condition}', output: ${name}, priority: NOTICE}\n`;
    const config = bench.scratch.write(
      'falco.yaml',
      `rules_files: [${folder}]\nstdout_output: {enabled: true}\n`,
    );
    // The folder is not there yet.
    const program = start('falco', ['-c', config, '--scope', `cgroup:${bench.cgroup.path}`]);
    bench.running = program;
    await until('the program watches', () => program.err().includes('watching this'), 60_000);

    const expectRule = async (name: string): Promise<void> => {
      const before = program.out().split(`Notice ${name}`).length;
      await runInCgroup('cat /etc/hostname');
      await until(name, () => program.out().split(`Notice ${name}`).length > before);
    };
    const publishAndWait = async (text: string, told: string): Promise<void> => {
      const before = program.err().split(told).length;
      publish(text);
      await until(told, () => program.err().split(told).length > before);
    };
    await publishAndWait(rule('First'), 'are in use');
    await expectRule('First');
    await publishAndWait(rule('Second'), 'are in use');
    await expectRule('Second');
    await publishAndWait(rule('Bad', 'proc.nmae = x'), 'unknown field `proc.nmae`');
    await until('the refusal', () => program.out().includes('hot restart failure'));
    await expectRule('Second');
    await publishAndWait(rule('Third'), 'are in use');
    await expectRule('Third');
    // The configuration itself is watched as well.
    const count = takenCount(program);
    bench.scratch.write('more.yaml', rule('Fourth'));
    bench.scratch.write(
      'next',
      `rules_files: [${bench.scratch.path('more.yaml')}]\nstdout_output: {enabled: true}\n`,
    );
    renameSync(bench.scratch.path('next'), config);
    await until('the other configuration', () => takenCount(program) > count);
    await expectRule('Fourth');
    expect(program.err()).toContain(`\`${folder}/rules.yaml\` is not read any more, and its rules are gone`);
    program.child.kill('SIGINT');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  }, 120_000);
});
