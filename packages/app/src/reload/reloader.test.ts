/** Whatever is done to the files, and however: in the end what is on the disk is in use, and nothing mixed ever was. */

import {
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ReadSetup, readSetup } from '../detection/setup.ts';
import { Reloader } from './reloader.ts';

const WAIT_MS = 10_000;

let folder = '';
let reloader: Reloader | undefined;
let log: string[] = [];
/** Texts of the rules files of each reload that was taken. */
let taken: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-reload-'));
  log = [];
  taken = [];
});
afterEach(() => {
  reloader?.close();
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

function readAll(): Promise<ReadSetup> {
  return readSetup({ configFile: at('falco.yaml'), overrides: [], ruleFiles: [], environment: {} });
}

function textsOf({ setup }: ReadSetup): string {
  return setup?.ruleFiles.map(({ text }) => text).join(' ') ?? 'refused';
}

function configure(rules: readonly string[], more = ''): void {
  writeFileSync(at('falco.yaml'), `rules_files: [${rules.map(at).join(', ')}]\n${more}\n`);
}

/** Starts on what is there; each reload takes `useMs`. */
async function begin(useMs = 0, read: () => Promise<ReadSetup> = readAll): Promise<ReadSetup> {
  const first = await readAll();
  let isBusy = false;
  reloader = new Reloader({
    first,
    read,
    use: async (next) => {
      expect(isBusy).toBe(false);
      isBusy = true;
      await sleep(useMs);
      isBusy = false;
      if (next.setup !== undefined) taken.push(textsOf(next));
      return next.setup !== undefined;
    },
    log: (level, text) => log.push(`${level} ${text.replaceAll(`${folder}/`, '')}`),
  });
  reloader.start();
  return first;
}

async function until(holds: () => boolean): Promise<void> {
  const endMs = Date.now() + WAIT_MS;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`in vain: ${JSON.stringify({ taken, log })}`);
    await sleep(20);
  }
}

function replace(name: string, text: string): void {
  writeFileSync(at(`${name}.tmp`), text);
  renameSync(at(`${name}.tmp`), at(name));
}

/** What the kubelet does for a new version of a config map: a new folder, a link turned to it, the old folder removed. */
function publish(volume: string, version: number, names: readonly string[]): void {
  mkdirSync(at(volume), { recursive: true });
  const next = `..2026_01_01_00_00_${version}.${version}`;
  mkdirSync(at(`${volume}/${next}`));
  for (const name of names) writeFileSync(at(`${volume}/${next}/${name}`), `${version}`);
  symlinkSync(next, at(`${volume}/..data_tmp`));
  let old: string | undefined;
  try {
    old = readlinkSync(at(`${volume}/..data`));
  } catch {}
  renameSync(at(`${volume}/..data_tmp`), at(`${volume}/..data`));
  for (const name of names) {
    try {
      symlinkSync(`..data/${name}`, at(`${volume}/${name}`));
    } catch {}
  }
  if (old !== undefined) rmSync(at(`${volume}/${old}`), { recursive: true });
}

test.each<readonly [string, string, () => void, () => void | Promise<void>]>([
  [
    'a file is written',
    'a.yaml',
    () => writeFileSync(at('a.yaml'), '1'),
    () => writeFileSync(at('a.yaml'), '2'),
  ],
  [
    'another file takes its place, as editors do',
    'a.yaml',
    () => writeFileSync(at('a.yaml'), '1'),
    () => replace('a.yaml', '2'),
  ],
  [
    'a file goes and comes back',
    'a.yaml',
    () => writeFileSync(at('a.yaml'), '1'),
    () => {
      unlinkSync(at('a.yaml'));
      writeFileSync(at('a.yaml'), '2');
    },
  ],
  ['a folder is made that was missing', 'rules.d', () => {}, () => publish('rules.d', 2, ['a.yaml'])],
  [
    'folders are made one in another',
    'below/here/rules.d',
    () => {},
    async () => {
      mkdirSync(at('below'));
      await sleep(300);
      mkdirSync(at('below/here/rules.d'), { recursive: true });
      writeFileSync(at('below/here/rules.d/a.yaml'), '2');
    },
  ],
  [
    'a folder is replaced by another of its name',
    'rules.d',
    () => publish('rules.d', 1, ['a.yaml']),
    () => {
      rmSync(at('rules.d'), { recursive: true });
      mkdirSync(at('rules.d'));
      writeFileSync(at('rules.d/a.yaml'), '2');
    },
  ],
  [
    'a config map gets a new version',
    'rules.d',
    () => publish('rules.d', 1, ['a.yaml']),
    () => publish('rules.d', 2, ['a.yaml']),
  ],
  [
    'a link to a folder is turned',
    'linked.d',
    () => {
      publish('one', 1, ['a.yaml']);
      publish('two', 2, ['a.yaml']);
      symlinkSync('one', at('linked.d'));
    },
    () => {
      symlinkSync('two', at('linked.tmp'));
      renameSync(at('linked.tmp'), at('linked.d'));
    },
  ],
  [
    'the file behind a link is written',
    'linked.yaml',
    () => {
      mkdirSync(at('far'));
      writeFileSync(at('far/a.yaml'), '1');
      symlinkSync('far/a.yaml', at('linked.yaml'));
    },
    () => writeFileSync(at('far/a.yaml'), '2'),
  ],
  [
    'the configuration file goes and comes back with other rules',
    'b.yaml',
    () => {
      configure(['a.yaml']);
      writeFileSync(at('a.yaml'), '1');
      writeFileSync(at('b.yaml'), '2');
    },
    async () => {
      unlinkSync(at('falco.yaml'));
      await sleep(500);
      configure(['b.yaml']);
    },
  ],
])('%s', async (_title, rules, prepare, act) => {
  configure([rules]);
  prepare();
  await begin();
  await reloader?.rested();
  expect(taken).toEqual([]);
  await act();
  await until(() => taken.at(-1) === '2');
  // The watchers are at the new place.
  if (rules.endsWith('.d')) writeFileSync(at(`${rules}/z.yaml`), 'z');
  else replace(rules, 'z');
  await until(() => taken.at(-1)?.endsWith('z') === true);
});

test('what changes between the first reading and the start is taken', async () => {
  configure(['a.yaml']);
  writeFileSync(at('a.yaml'), '1');
  const first = await readAll();
  writeFileSync(at('a.yaml'), '2');
  reloader = new Reloader({
    first,
    read: readAll,
    use: async (read) => taken.push(textsOf(read)) > 0,
    log: () => {},
  });
  reloader.start();
  await until(() => taken.at(-1) === '2');
});

test('what changes while a reload is under way is taken by the next one', async () => {
  configure(['a.yaml']);
  writeFileSync(at('a.yaml'), '1');
  await begin(600);
  writeFileSync(at('a.yaml'), '2');
  await until(() => log.length > 0);
  for (const text of ['3', '4', '5']) {
    await sleep(60);
    writeFileSync(at('a.yaml'), text);
  }
  await until(() => taken.at(-1) === '5');
  expect(taken[0]).toBe('2');
});

test('files that change while they are read are read again', async () => {
  configure(['a.yaml', 'b.yaml']);
  for (const name of ['a.yaml', 'b.yaml']) writeFileSync(at(name), '1');
  let left = 12;
  await begin(0, async () => {
    const read = await readAll();
    if (left-- > 0) for (const name of ['a.yaml', 'b.yaml']) writeFileSync(at(name), `${left}`);
    return read;
  });
  reloader?.request('somebody asks');
  await until(() => taken.length > 0);
  expect(taken).toEqual(['0 0']);
  expect(log).toContain(
    'warning `a.yaml` changes whenever it is read: the new configuration and rules wait until it rests',
  );
});

test('rules that are gone are told of', async () => {
  configure(['rules.d']);
  publish('rules.d', 1, ['a.yaml', 'b.yaml']);
  await begin();
  unlinkSync(at('rules.d/b.yaml'));
  await until(() => taken.at(-1) === '1');
  await reloader?.rested();
  expect(log.at(-2)).toBe('warning `rules.d/b.yaml` is not read any more, and its rules are gone');
});

test('a bad configuration is refused once, and the next good one is taken', async () => {
  configure(['a.yaml']);
  writeFileSync(at('a.yaml'), '1');
  await begin();
  configure(['a.yaml'], 'priority: nonsense');
  await until(() => log.length === 1);
  await sleep(700);
  expect([log.length, taken]).toEqual([1, []]);
  writeFileSync(at('a.yaml'), '2');
  configure(['a.yaml']);
  await until(() => taken.at(-1) === '2');
});

test('where nothing is to be watched, only requests count', async () => {
  configure(['a.yaml'], 'watch_config_files: false');
  writeFileSync(at('a.yaml'), '1');
  await begin();
  writeFileSync(at('a.yaml'), '2');
  await sleep(600);
  expect(taken).toEqual([]);
  reloader?.request('SIGHUP');
  await until(() => taken.at(-1) === '2');
  configure(['a.yaml'], 'priority: nonsense');
  reloader?.request('SIGHUP');
  await until(() => log.length === 3);
  await reloader?.rested();
  // A refused configuration does not begin to watch.
  configure(['a.yaml'], 'priority: other nonsense');
  await sleep(600);
  expect(log).toHaveLength(3);
});

test('any changes, at any pace: the last state wins, and no mixture of two is ever in use', async () => {
  const volume = fc.constantFrom('map', 'plain.d');
  const act = fc.oneof(
    fc.record({ kind: fc.constant('publish' as const), volume }),
    fc.record({ kind: fc.constant('remove' as const), volume }),
    fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 300 }) }),
    fc.record({ kind: fc.constant('ask' as const) }),
    fc.record({ kind: fc.constant('break' as const) }),
    fc.record({ kind: fc.constant('mend' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 15 }), async (acts) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      taken = [];
      configure(['map', 'plain.d']);
      publish('map', 1, ['a.yaml', 'b.yaml']);
      let inUse = textsOf(await begin(20));
      let version = 1;
      for (const step of acts) {
        if (step.kind === 'publish') publish(step.volume, ++version, ['a.yaml', 'b.yaml']);
        else if (step.kind === 'remove') rmSync(at(step.volume), { recursive: true, force: true });
        else if (step.kind === 'pause') await sleep(step.ms);
        else if (step.kind === 'ask') reloader?.request('somebody asks');
        else configure(['map', 'plain.d'], step.kind === 'break' ? 'priority: nonsense' : '');
      }
      configure(['map', 'plain.d']);
      const expected = textsOf(await readAll());
      inUse = taken.at(-1) ?? inUse;
      await until(() => (taken.at(-1) ?? inUse) === expected);
      await reloader?.rested();
      reloader?.close();
      // Two files of each volume, always of one version.
      for (const texts of taken) expect(texts).toMatch(/^((\d+) \2)?( ?(\d+) \4)?$/);
    }),
    { numRuns: 12 },
  );
}, 120_000);
