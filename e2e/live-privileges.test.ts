/**
 * What the running program may do: its threads' capabilities as the kernel tells them, calls that are refused, and
 * all that must work nonetheless. Watches a cgroup of its own.
 */

import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { capabilitySet, namesIn } from '../packages/app/src/privileges/capability-set.ts';
import { type ProcessStatus, parseProcessStatus } from '../packages/app/src/privileges/process-status.ts';
import { awsIdentity, startAwsServer } from '../packages/sources/testing/aws-server.ts';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, root, Scratch, start, until } from './program.ts';

const tools = ['/usr/bin/setpriv', '/usr/bin/unshare'];
const missingTool = tools.find((path) => !existsSync(path));
const obstacle =
  liveObstacle() ?? (missingTool === undefined ? undefined : `${missingTool} is not installed`);
const title = obstacle === undefined ? 'live privileges' : `live privileges (skipped: ${obstacle})`;

const NOBODY = 65_534;
const LIMIT_MS = 120_000;
const auditEvent = {
  ...{ kind: 'Event', apiVersion: 'audit.k8s.io/v1', auditID: 'from-http', verb: 'get' },
  stageTimestamp: new Date().toISOString(),
};
const opened = (path: string): string => `evt.type in (open, openat) and fd.name = ${path}`;

function rule(name: string, condition: string, output = name): string {
  return `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: ${output}\n  priority: NOTICE\n`;
}

/** Of every thread; the main one is first. */
function threadsOf(pid: number): readonly ProcessStatus[] {
  return readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .sort((tid, other) => Number(other === pid) - Number(tid === pid))
    .map((tid) => parseProcessStatus(readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1')));
}

describe.skipIf(obstacle !== undefined)(title, () => {
  let scratch: Scratch;
  let cgroup: LiveCgroup;
  let running: Running | undefined;
  let rules = '';
  beforeEach(() => {
    scratch = new Scratch();
    cgroup = createLiveCgroup();
    rules = scratch.write('rules.yaml', rule('First', opened('/etc/hostname'), 'First %proc.cwd'));
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    await cgroup.remove();
    scratch.remove();
  });

  /** `prefix`: a program that runs it, with its arguments. */
  function begin(given: readonly string[], prefix: readonly string[] = []): Running {
    const [program = 'peregrine', ...rest] = prefix;
    const line = prefix.length === 0 ? given : [...rest, `${root}/bin/peregrine`, ...given];
    running = start(program, [...line, '--scope', `cgroup:${cgroup.path}`], {
      environment: {
        AWS_ACCESS_KEY_ID: awsIdentity.accessKeyId,
        AWS_SECRET_ACCESS_KEY: awsIdentity.secretAccessKey,
      },
    });
    return running;
  }

  async function watch(given: readonly string[], prefix: readonly string[] = []): Promise<Running> {
    const program = begin(['up', '-r', rules, ...given], prefix);
    const isDecided = (): boolean => /watching this/.test(program.err()) || program.child.exitCode !== null;
    await until('it watches', isDecided, 60_000);
    expect(program.err()).toContain('watching this machine');
    return program;
  }

  async function inside(command: string): Promise<void> {
    const child = cgroup.spawn(command);
    await new Promise((resolve) => child.once('close', resolve));
  }

  async function expectAlert(program: Running, text = 'Notice First'): Promise<void> {
    await inside('cat /etc/hostname >/dev/null');
    await until('an alert', () => program.out().includes(text), 30_000);
  }

  const pidOf = ({ child }: Running): number => child.pid ?? 0;

  test(
    'every thread has what it needs, and can gain nothing',
    async () => {
      const program = await watch([]);
      const threads = threadsOf(pidOf(program));
      const all = capabilitySet(['CAP_BPF', 'CAP_PERFMON', 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH']);
      expect(threads.length).toBeGreaterThan(2);
      for (const thread of threads) {
        expect(thread).toMatchObject({ uid: 0, bounding: all, hasNoNewPrivileges: true, hasFilter: true });
        expect(thread.permitted & ~all).toBe(0n);
        expect(thread.effective).toBe(thread.permitted);
      }
      expect(namesIn(threads[0]?.permitted ?? 0n)).toEqual(['CAP_DAC_READ_SEARCH']);
      expect(threads[0]?.ambient).toBe(0n);
      const sensor = threads.filter(({ permitted, ambient }) => permitted === all && ambient === 0n);
      expect(sensor).toHaveLength(1);
      expect(program.err()).toMatch(
        /runs as user 0 with CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_PERFMON, CAP_BPF, and can gain nothing; \d\d system calls are refused/,
      );
      await expectAlert(program);
      program.child.kill('SIGINT');
      const ended = await program.ended;
      expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    },
    LIMIT_MS,
  );

  test(
    'sources that a reload adds are read, with no more rights than the others',
    async () => {
      const config = scratch.write('falco.yaml', 'stdout_output: {enabled: true}\n');
      const program = await watch(['-c', config, '-o', 'watch_config_files=false']);
      const threadCount = threadsOf(pidOf(program)).length;
      const socket = scratch.path('events.sock');
      const service = await startAwsServer('logs', () => ({
        body: {
          events: [
            {
              ...{ eventId: '1', timestamp: Date.now() },
              message: JSON.stringify({ ...auditEvent, auditID: 'from-eks' }),
            },
          ],
        },
      }));
      const sources = scratch.write(
        'doors.mjs',
        `export const plugin = {name: 'doors', version: '1.0.0', source: 'doors', doc: 'Doors.', async *open() {
          yield {events: [{object: {door: 'cellar'}}]};
          await new Promise(() => setInterval(() => {}, 1000));
        }};`,
      );
      const eks = `{name: k8saudit-eks, open_params: main, init_config: {region: eu-west-1, endpoint: "${service.url}", checkpoint_file: ""}}`;
      const http = '{name: k8saudit, open_params: "http://127.0.0.1:0/k8s-audit"}';
      const reload = async (audit: string): Promise<void> => {
        const before = program.err().length;
        writeFileSync(
          config,
          `stdout_output: {enabled: true}
plugins:
  - {name: json, open_params: "unix://${socket}"}
  - {name: doors, library_path: ${sources}}
  - ${audit}
`,
        );
        program.child.kill('SIGHUP');
        await until('the reload', () => program.err().slice(before).includes('are in use'), 60_000);
        await until('the audit log', () => /reading `k8s_audit`/.test(program.err().slice(before)), 60_000);
      };
      writeFileSync(
        rules,
        rule('First', opened('/etc/hostname')) +
          rule('Audit', 'ka.verb exists', 'asked %ka.auditid').replace('desc', 'source: k8s_audit\n  desc') +
          rule('Json', 'json.value[/n] exists', 'n %json.value[/n]').replace('desc', 'source: json\n  desc') +
          rule('Door', 'json.value[/door] exists', 'door %json.value[/door]').replace(
            'desc',
            'source: doors\n  desc',
          ),
      );
      try {
        await reload(http);
        const url = /reading `k8s_audit` events: (\S+)/.exec(program.err())?.[1] ?? '';
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(auditEvent) });
        expect(response.status, program.err()).toBe(200);
        const client = connect(socket);
        client.end('{"n":7}\n');
        await until(
          'their alerts',
          () => ['asked from-http', 'n 7', 'door cellar'].every((text) => program.out().includes(text)),
          60_000,
        );
        const threads = threadsOf(pidOf(program));
        expect(threads.length).toBeGreaterThanOrEqual(threadCount + 3);
        for (const { permitted, hasNoNewPrivileges, hasFilter } of threads.slice(threadCount))
          expect([
            permitted & ~capabilitySet(['CAP_DAC_READ_SEARCH']),
            hasNoNewPrivileges,
            hasFilter,
          ]).toEqual([0n, true, true]);
        // A client of a service is loaded by a thread that was limited before it began.
        await reload(eks);
        await until('the alert from the service', () => program.out().includes('asked from-eks'), 60_000);
        await expectAlert(program);
        expect(program.err()).not.toContain('broke down');
        program.child.kill('SIGINT');
        const ended = await program.ended;
        expect([ended.status, bugIn(ended)]).toEqual([0, '']);
      } finally {
        await service.close();
      }
    },
    LIMIT_MS,
  );

  test(
    'rules that are loaded again attach what was not, and a program that was not to be run is refused',
    async () => {
      const config = scratch.write('falco.yaml', 'stdout_output: {enabled: true}\n');
      const program = await watch(['-c', config, '-o', 'watch_config_files=false']);
      writeFileSync(rules, rule('Locked', 'evt.type = flock and evt.arg.operation contains LOCK_EX'));
      writeFileSync(
        config,
        'stdout_output: {enabled: true}\nprogram_output: {enabled: true, program: cat}\nwebserver: {enabled: true, listen_port: 81}\nprivileges: {keep: [CAP_CHOWN]}\n',
      );
      program.child.kill('SIGHUP');
      await until('the reload', () => program.err().includes('are in use'), 30_000);
      expect(program.err()).toContain('`program_output` was off at the start');
      expect(program.err()).toContain('CAP_NET_BIND_SERVICE was not needed at the start');
      expect(program.err()).toContain('`privileges` has changed, which takes a restart');
      await inside(`flock ${scratch.write('lock', '')} true`);
      await until('the alert', () => program.out().includes('Notice Locked'), 30_000);
      await until(
        'the refusal',
        () => /`program` did not take an alert: the program cannot be started/.test(program.err()),
        30_000,
      );
    },
    LIMIT_MS,
  );

  /** Calls that need no privilege, and that are refused all the same. */
  const attempts =
    'for a in "unshare -U true" "setpriv --reuid 0 true"; do $a 2>>ERRORS && echo done || echo refused; done';

  test.each([
    [[], 'refused\nrefused\n', '0000000000000000'],
    [['-o', 'privileges.keep[]=net_raw'], 'refused\nrefused\n', '0000000000002000'],
    [['-o', 'privileges.drop=false'], 'done\ndone\n', undefined],
  ])(
    'a program that alerts are handed to, with %j',
    async (given, tried, capabilities) => {
      const results = scratch.path('results');
      const script = `{ ${attempts.replace('ERRORS', scratch.path('errors'))}; grep CapEff /proc/self/status; cat; } > ${results}.part; mv ${results}.part ${results}`;
      const options = ['-o', 'program_output.enabled=true', '-o', `program_output.program=${script}`];
      const program = await watch([...options, ...given]);
      await expectAlert(program);
      await until('the program ran', () => existsSync(results), 30_000);
      const text = readFileSync(results, 'utf8');
      expect(text.startsWith(tried)).toBe(true);
      expect(text).toContain('Notice First');
      if (capabilities !== undefined) {
        expect(text).toContain(`CapEff:\t${capabilities}\n`);
        expect(readFileSync(scratch.path('errors'), 'utf8')).toMatch(/Operation not permitted/);
      }
      const isKept = program.err().includes('all privileges are kept: `privileges.drop` is off');
      expect(isKept).toBe(capabilities === undefined);
    },
    LIMIT_MS,
  );

  test(
    'as another user, processes of all users are known, and files of root are read',
    async () => {
      writeFileSync(rules, rule('Old', 'evt.type = openat and fd.name = /etc/os-release', 'Old %proc.cwd'), {
        mode: 0o600,
      });
      const go = scratch.path('go');
      const old = cgroup.spawn(`cd /usr/share; while [ ! -e ${go} ]; do sleep 0.1; done; : </etc/os-release`);
      const program = await watch(['--user', String(NOBODY)]);
      const all = capabilitySet(['CAP_BPF', 'CAP_PERFMON', 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH']);
      for (const { uid, permitted } of threadsOf(pidOf(program)))
        expect([uid, permitted & ~all]).toEqual([NOBODY, 0n]);
      scratch.write('go', '');
      await until('an alert', () => program.out().includes('Notice Old /usr/share'), 30_000);
      old.kill('SIGKILL');
    },
    LIMIT_MS,
  );

  test(
    'a recording may be written into the folder of another user',
    async () => {
      mkdirSync(scratch.path('home'), { mode: 0o755 });
      chownSync(scratch.path('home'), NOBODY, NOBODY);
      const file = scratch.path('home/trace.scap');
      const program = begin(['capture', '-w', file]);
      await until('it records', () => program.err().includes('recording into'), 60_000);
      expect(program.err()).toContain(
        'with CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_PERFMON, CAP_BPF,',
      );
      await inside('true');
      program.child.kill('SIGINT');
      const ended = await program.ended;
      expect([ended.status, bugIn(ended)]).toEqual([0, '']);
      expect(existsSync(file)).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    'what a container does not grant is told of, and the rest works',
    async () => {
      const few = ['/usr/bin/setpriv', '--bounding-set=-all,+bpf,+perfmon', '--inh-caps=-all'];
      const program = await watch([], few);
      expect(program.err()).toContain('CAP_SYS_PTRACE is missing: programs, folders and open files');
      expect(program.err()).toContain('CAP_DAC_READ_SEARCH is missing');
      await expectAlert(program);
    },
    LIMIT_MS,
  );

  const granted = '+bpf,+perfmon,+sys_ptrace,+dac_read_search';
  const asNobody = ['/usr/bin/setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

  test(
    'a user who is granted the capabilities needs no root',
    async () => {
      const grant = [`--inh-caps=-all,${granted}`, `--ambient-caps=-all,${granted}`];
      // It is that user already, and need not be able to become one.
      const program = await watch(['--user', String(NOBODY)], [...asNobody, ...grant]);
      expect(program.err()).toContain(`runs as user ${NOBODY} with CAP_DAC_READ_SEARCH,`);
      expect(program.err()).not.toContain('missing');
      await expectAlert(program);
    },
    LIMIT_MS,
  );

  test.each<[string, string[], string[], RegExp]>([
    [
      'half of what the probe takes',
      ['/usr/bin/setpriv', '--bounding-set=-all,+bpf', '--inh-caps=-all'],
      [],
      /needs root, or CAP_BPF and CAP_PERFMON; missing here: CAP_PERFMON\n.*AmbientCapabilities=/,
    ],
    ['root of a user namespace', ['/usr/bin/unshare', '-Ur'], [], /root in its own user namespace only/],
    [
      'a user that is not there',
      [],
      ['--user', 'no-such-user'],
      /`privileges.user` is `no-such-user`, and there is no such user/,
    ],
    [
      'a user, without the right to change users',
      ['/usr/bin/setpriv', `--bounding-set=-all,${granted}`, '--inh-caps=-all'],
      ['--user', String(NOBODY)],
      /privileges cannot be given up: Operation not permitted\n.*CAP_SETUID/,
    ],
    [
      'a user, with everything kept',
      [],
      ['--user', String(NOBODY), '-o', 'privileges.drop=false'],
      /`privileges.user` is set, and `privileges.drop` is off/,
    ],
    [
      'a user, with a configuration that is no file',
      [],
      ['--user', String(NOBODY), '-c', '/dev/null'],
      /`\/dev\/null` is no file, and can be read only once/,
    ],
    [
      'a capability that is none',
      [],
      ['-o', 'privileges.keep[]=CAP_FLY'],
      /`privileges.keep` has `CAP_FLY`, which is no capability/,
    ],
  ])(
    '%s is refused with the reason',
    async (_, prefix, given, message) => {
      const program = begin(['up', '-r', rules, ...given], prefix);
      const ended = await program.ended;
      expect([ended.status, bugIn(ended)]).toEqual([1, '']);
      expect(ended.err).toMatch(message);
    },
    LIMIT_MS,
  );

  test(
    'a configuration that comes through a pipe is read once, and everything is kept, which is told of',
    async () => {
      const given = `-r ${rules} -c /dev/stdin -o watch_config_files=false --scope cgroup:${cgroup.path}`;
      // The shell hands so short a text over in a pipe.
      const line = `exec ${root}/bin/peregrine up ${given} <<END\nstdout_output: {enabled: true}\nEND\n`;
      running = start('/bin/sh', ['-c', line]);
      const program = running;
      await until('it watches', () => program.err().includes('watching this machine'), 60_000);
      expect(program.err()).toContain('all privileges are kept: `/dev/stdin` is no file');
      await expectAlert(program);
    },
    LIMIT_MS,
  );
});
