/** What the event of a start says, compared with what the started program knows of itself. Root and BTF needed. */

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type LiveEvent, liveObstacle } from '../../testing/live-probe.ts';
import { compileProgram, useLiveProbe } from '../../testing/use-live-probe.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'starts' : `starts (skipped: ${obstacle})`;

const WRITABLE = 1;
const UPPER_LAYER = 2;
const MEMORY_FILE = 4;
const LOWER_LAYER = 8;
const CAP_NET_RAW = 1 << 13;
const NOBODY = '65534';

type Params = Readonly<Record<string, string>>;

/** What `tell-self.c` printed. Empty text is how events show a parameter that is empty. */
function parseTruth(output: string): Params {
  const lines = output.split(/\r?\n/).filter((line) => line.includes('='));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** In the unified hierarchy a controller that is not enabled in a group puts its processes into a group above. */
function withoutEnabling(told: string, truth: string): string {
  const places = truth.split('|');
  return told
    .split('|')
    .map((place, index) => (places[index]?.startsWith(place) ? places[index] : place))
    .join('|');
}

/** The event's parameters that the program told of, in the program's words. */
function select(event: LiveEvent | undefined, truth: Params): Params {
  return Object.fromEntries(
    Object.keys(truth).map((name) => {
      const value = event?.params[name] ?? 'no such parameter';
      if (name === 'cgroups') return [name, withoutEnabling(value, truth[name] ?? '')];
      const isList = name === 'args' || name === 'env';
      return [name, isList && value === '<none>' ? '' : value];
    }),
  );
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const probe = useLiveProbe();
  let tell = '';
  let startOddly = '';

  beforeAll(() => {
    tell = compileProgram('tell-self', probe.folder);
    startOddly = compileProgram('start-oddly', probe.folder);
  });

  /** Runs a command that ends with `tell-self`; its last start, and what it told. */
  async function runTelling(command: string): Promise<{ exec: LiveEvent | undefined; truth: Params }> {
    const { events, output } = await probe.run(command);
    const exec = events.filter(({ name, params }) => /^execve/.test(name) && params.res === '0').at(-1);
    return { exec, truth: parseTruth(output) };
  }

  /** Everything that the program told is what the event says; returns the event's parameters. */
  async function expectTruth(command: string, except: Params = {}): Promise<Params> {
    const { exec, truth } = await runTelling(command);
    expect(Object.keys(truth)).toHaveLength(22);
    expect(select(exec, truth)).toEqual({ ...truth, ...except });
    expect(exec?.params.tid).toBe(String(exec?.tid));
    return exec?.params ?? {};
  }

  test('arguments, environment, ids, limits', async () => {
    const params = await expectTruth(`ulimit -n 777; A=1 B='two words' exec ${tell} one '' 'two words'`);
    expect(params).toMatchObject({ filename: tell, flags: String(WRITABLE), fdlimit: '777' });
    expect(params.args).toBe('one||two words|');
  });

  test('a symbolic link: the name that was given, and the file that runs', async () => {
    const params = await expectTruth(`ln -s ${tell} ${probe.folder}/link; cd ${probe.folder}; exec ./link`);
    expect(params).toMatchObject({ filename: './link', exe: './link', comm: 'link', trusted_exepath: tell });
  });

  test('a script: its interpreter runs', async () => {
    const script = join(probe.folder, 'script');
    writeFileSync(script, `#!${tell} option\n`);
    chmodSync(script, 0o755);
    const params = await expectTruth(`exec ${script} more`);
    expect(params).toMatchObject({
      filename: script,
      exe: tell,
      args: `option|${script}|more|`,
      comm: 'script',
      trusted_exepath: tell,
    });
  });

  test('a file in memory, by its descriptor and by a path to that', async () => {
    const inMemory = { trusted_exepath: 'memfd:copy' };
    const byFd = await expectTruth(`exec ${startOddly} memfd ${tell}`, inMemory);
    expect(byFd).toMatchObject({
      flags: String(MEMORY_FILE | WRITABLE),
      exe: 'first',
      env: 'A=1|B=two words|',
    });
    expect(byFd.filename).toMatch(/^\/dev\/fd\/\d+$/);
    const byPath = await expectTruth(`exec ${startOddly} memfd-by-path ${tell}`, inMemory);
    expect(byPath.flags).toBe(String(MEMORY_FILE | WRITABLE));
    expect(byPath.filename).toMatch(/^\/proc\/self\/fd\/\d+$/);
  });

  test('execveat of an open file, and relative to a directory', async () => {
    const byFile = await expectTruth(`exec ${startOddly} descriptor ${tell}`);
    expect(byFile.filename).toMatch(/^\/dev\/fd\/\d+$/);
    const byDirectory = await expectTruth(`exec ${startOddly} directory ${tell}`);
    expect(byDirectory.filename).toMatch(new RegExp(`^/dev/fd/\\d+${tell}$`));
  });

  test('without arguments the kernel makes an empty first one', async () => {
    const params = await expectTruth(`exec ${startOddly} no-arguments ${tell}`);
    expect(params).toMatchObject({ exe: '', args: '<none>' });
  });

  test('of long arguments the first 4096 bytes are kept', async () => {
    const long = "$(head -c 100000 /dev/zero | tr '\\0' x)";
    const { exec, truth } = await runTelling(`exec ${tell} short ${long} last`);
    expect(truth.args).toHaveLength('short||last|'.length + 100_000);
    expect(exec?.params.args).toBe(`${truth.args?.slice(0, 4_094)}|`);
    expect(exec?.params.comm).toBe('tell-self');
  });

  test('another user: no right to write to the file', async () => {
    chmodSync(probe.folder, 0o755);
    const params = await expectTruth(
      `exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups ${tell}`,
    );
    expect(params).toMatchObject({
      uid: NOBODY,
      gid: NOBODY,
      flags: '0',
      cap_permitted: '0',
      cap_effective: '0',
    });
  });

  test.skipIf(!existsSync('/usr/sbin/setcap'))(
    'capabilities that the file gives (needs setcap)',
    async () => {
      const capable = join(probe.folder, 'capable');
      execFileSync('cp', [tell, capable]);
      execFileSync('/usr/sbin/setcap', ['cap_net_raw+ep', capable]);
      const params = await expectTruth(
        `exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups ${capable}`,
      );
      expect(params).toMatchObject({
        cap_permitted: String(CAP_NET_RAW),
        cap_effective: String(CAP_NET_RAW),
      });
      const inheriting = await expectTruth(`exec setpriv --inh-caps +net_raw ${tell}`);
      expect(inheriting.cap_inheritable).toBe(String(CAP_NET_RAW));
    },
  );

  test.skipIf(!existsSync('/usr/bin/script'))('a terminal (needs script)', async () => {
    const params = await expectTruth(`exec script -qec 'exec ${tell}' /dev/null`);
    expect(Number(params.tty) >> 8).toBe(136);
  });

  test('who logged in', async () => {
    const params = await expectTruth(`echo 1234 > /proc/self/loginuid; exec ${tell}`);
    expect(params.loginuid).toBe('1234');
  });

  test('a process group, of its own and of another namespace', async () => {
    const grouped = await expectTruth(`setsid --wait ${tell}; :`);
    expect(grouped.pgid).toBe(grouped.pid);
    const { exec, truth } = await runTelling(`unshare --pid --fork --mount-proc ${tell}; :`);
    expect(truth).toMatchObject({ pid: '1', ptid: '0', vpgid: '0' });
    expect(exec?.params.vpgid).toBe('0');
    expect(exec?.params.pid).toBe(String(exec?.tid));
    expect(Number(exec?.params.pgid)).toBeGreaterThan(1);
    const led = await runTelling(`unshare --pid --fork --mount-proc setsid ${tell}; :`);
    expect(led.truth.vpgid).toBe('1');
    expect(led.exec?.params).toMatchObject({ vpgid: '1', pgid: String(led.exec?.tid) });
  });

  test('the layer of an overlay that the file is in', async () => {
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => {
      const path = join(probe.folder, name);
      mkdirSync(path);
      return path;
    });
    execFileSync('cp', [tell, join(lower ?? '', 'tell')]);
    const mount = `mount -t overlay overlay -o lowerdir=${lower},upperdir=${upper},workdir=${work} ${merged}`;
    const inside = (command: string): string => `unshare --mount sh -c '${mount} && ${command}'; :`;
    const below = await expectTruth(inside(`exec ${merged}/tell`));
    expect(below).toMatchObject({ flags: String(LOWER_LAYER | WRITABLE), trusted_exepath: `${merged}/tell` });
    const above = await expectTruth(inside(`touch ${merged}/tell; exec ${merged}/tell`));
    expect(above.flags).toBe(String(UPPER_LAYER | WRITABLE));
    const created = await expectTruth(inside(`cp ${merged}/tell ${merged}/new; exec ${merged}/new`));
    expect(created.flags).toBe(String(UPPER_LAYER | WRITABLE));
  });

  test('a start that fails: what was asked for, by whom', async () => {
    writeFileSync(join(probe.folder, 'plain'), 'no program');
    const command = `/nowhere/tell one; ${probe.folder}/plain two; exit 3`;
    const { events } = await probe.run(command);
    const failed = events.filter(({ name, params }) => /^execve/.test(name) && params.res !== '0');
    expect(
      failed.map(({ params: { res, exe, args, filename, comm, uid } }) => ({
        res,
        exe,
        args,
        filename,
        comm,
        uid,
      })),
    ).toEqual([
      { res: '-2', exe: '/nowhere/tell', args: 'one|', filename: '/nowhere/tell', comm: 'sh', uid: '0' },
      {
        res: '-13',
        exe: `${probe.folder}/plain`,
        args: 'two|',
        filename: `${probe.folder}/plain`,
        comm: 'sh',
        uid: '0',
      },
    ]);
    expect(failed[0]?.params.trusted_exepath).toMatch(/\/(da)?sh$/);
  });

  test('nothing of it could not be read', () => {
    expect(probe.source.counters().failedReadCount).toBe(0);
  });
});
