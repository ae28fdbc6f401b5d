import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { ApiError, Caller } from '@peregrine/api';
import { afterEach, describe, expect, test } from 'vitest';
import {
  admin,
  alertOf,
  asked,
  BASE_NS,
  keep,
  openRulesInterface,
  type RulesInterface,
} from '../../../testing/rules-interface.ts';
import { configOf } from '../../../testing/setup.ts';
import { MANAGED_NAME } from './rule-book.ts';
import type { SensorPort } from './sensor-port.ts';

const rulesText = `- list: shells
  items: [bash, sh]

- rule: Shell   # a comment
  desc: A shell.
  condition: evt.type = execve and proc.name in (shells)
  output: shell %proc.name
  priority: WARNING
  tags: [b, a]

- rule: Other
  desc: Another.
  condition: evt.type = execve and proc.name = cat
  output: cat
  priority: NOTICE
  enabled: false
`;

const nowMs = (): number => Number(BASE_NS / 1_000_000n) + 60_000;
const open: RulesInterface[] = [];
async function opened(
  options: Partial<Parameters<typeof openRulesInterface>[0]> = {},
): Promise<RulesInterface> {
  const found = await openRulesInterface({ rules: rulesText, nowMs, ...options });
  open.push(found);
  return found;
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const save = (of: RulesInterface, text: string, version: number, caller: Caller = admin) =>
  of.rules.saveRulesFile(asked({ params: { name: MANAGED_NAME }, body: { text, version }, caller }));
const status = async (work: Promise<unknown>): Promise<number> =>
  work.then(
    () => 200,
    (error: ApiError) => error.status,
  );
const override = (isEnabled: boolean): string =>
  `- rule: Other\n  enabled: ${isEnabled}\n  override:\n    enabled: replace\n`;

test('rules are told with what they found', async () => {
  const { rules, store } = await opened();
  await keep(store, [
    alertOf({ rule: 'Shell', timeNs: BASE_NS }),
    alertOf({ rule: 'Shell', timeNs: BASE_NS + 1n, hostname: 'b' }),
    alertOf({ rule: 'Gone' }),
  ]);
  const [first] = (await store.incidents({}, { limit: 10 })).incidents.filter(
    ({ hostname }) => hostname === 'b',
  );
  await store.triage({ kind: 'incidents', ids: [first?.id ?? ''] }, { state: 'expected' });
  const answer = await rules.listRules(asked({}));
  expect(answer.rules.map(({ name }) => name)).toEqual(['Shell', 'Other']);
  expect(answer.rules[0]).toMatchObject({
    ...{ name: 'Shell', isEnabled: true, priority: 'Warning', line: 4, tags: ['a', 'b'] },
    ...{ alertCount: 2, expectedCount: 1, lastTime: expect.stringMatching(/000000001Z$/), matchCount: null },
    condition: 'evt.type = execve and proc.name in (shells)',
  });
  expect(answer.rules[0]?.text).toMatch(
    /^- rule: Shell {3}# a comment\n {2}desc: A shell\.\n[\s\S]*tags: \[b, a\]$/,
  );
  expect(answer.rules[1]).toMatchObject({ isEnabled: false, alertCount: 0, lastTime: null });
  for (const rule of answer.rules)
    expect(await rules.getRule(asked({ params: { name: rule.name } }))).toMatchObject(rule);
  expect(await status(rules.getRule(asked({ params: { name: 'Gone' } })))).toBe(404);
});

describe('changes', () => {
  test('are kept as versions, and an old text can be saved again', async () => {
    const all = await opened();
    expect(await save(all, override(true), 0)).toEqual({ version: 1, isLive: false });
    expect(statSync(all.managedPath).mode & 0o777).toBe(0o600);
    expect(all.book.state.rules.get('Other')?.isEnabled).toBe(true);
    expect(await save(all, override(false), 1)).toMatchObject({ version: 2 });
    const { versions } = await all.rules.listRulesVersions(asked({ params: { name: MANAGED_NAME } }));
    expect(versions.map(({ version, user, isInUse }) => ({ version, user, isInUse }))).toEqual([
      { version: 2, user: 'ann', isInUse: true },
      { version: 1, user: 'ann', isInUse: false },
    ]);
    const old = await all.rules.getRulesVersion(asked({ params: { name: MANAGED_NAME, version: '1' } }));
    await save(all, old.text, 2);
    expect(readFileSync(all.managedPath, 'utf8')).toBe(override(true));
  });

  test('of another version are refused, and so is what was written into the file meanwhile', async () => {
    const all = await opened();
    await save(all, override(true), 0);
    expect(await status(save(all, override(false), 0))).toBe(409);
    writeFileSync(all.managedPath, '# by hand\n');
    expect(await status(save(all, override(false), 1))).toBe(409);
    const { files } = await all.rules.listRulesFiles(asked({}));
    expect(files.at(-1)).toEqual({ name: MANAGED_NAME, text: '# by hand\n', isEditable: true, version: 2 });
  });

  test('that are not good change nothing, and say where', async () => {
    const all = await opened();
    const bad =
      '- rule: New\n  desc: d\n  condition: evt.type = execve and proc.nmae = x\n  output: o\n  priority: NOTICE\n';
    const error = await save(all, bad, 0).catch((caught: ApiError) => caught);
    expect(error).toMatchObject({
      status: 422,
      places: [{ line: 3, message: expect.stringContaining('proc.nmae') }],
    });
    expect(all.book.managedText()).toBe('');
    const checked = await all.rules.checkRules(asked({ body: { name: MANAGED_NAME, text: bad } }));
    expect(checked).toMatchObject({
      isUsable: false,
      findings: [{ severity: 'error', line: 3, file: MANAGED_NAME }],
    });
  });

  test('are for administrators who have signed in, unless the configuration lets others', async () => {
    const nobody: Caller = { ...admin, via: 'open' };
    const viewer: Caller = { ...admin, role: 'responder' };
    for (const [policy, caller, wanted] of [
      ['signedin', nobody, 403],
      ['signedin', viewer, 403],
      ['signedin', admin, 200],
      ['anyone', nobody, 200],
      ['nobody', admin, 403],
    ] as const) {
      const all = await opened({ policy });
      expect(await status(save(all, override(true), 0, caller)), `${policy} ${caller.via}`).toBe(wanted);
      const { changes } = await all.rules.listRulesFiles(asked({ caller }));
      expect(changes.isAllowed).toBe(wanted === 200);
    }
  });

  test('go to no other file, whatever its name', async () => {
    const all = await opened();
    for (const name of ['../x.yaml', '/etc/passwd', all.book.state.files[0]?.name ?? '', '']) {
      const request = asked<'saveRulesFile'>({ params: { name }, body: { text: '', version: 0 } });
      expect(await status(all.rules.saveRulesFile(request)), name).toBe(403);
      expect(await status(all.rules.getRulesVersion(asked({ params: { name, version: '1' } })))).toBe(404);
    }
  });

  test('turn rules on and off', async () => {
    const all = await opened();
    const set = (name: string, isEnabled: boolean) =>
      all.rules.setRuleEnabled(asked({ params: { name }, body: { isEnabled } }));
    await set('Other', true);
    expect(all.book.state.rules.get('Other')?.isEnabled).toBe(true);
    await set('Other', false);
    expect(all.book.state.rules.get('Other')?.isEnabled).toBe(false);
    expect(await status(set('None', true))).toBe(404);
  });

  test('that the sensor refuses are taken back', async () => {
    let takes = true;
    const texts: string[] = [];
    const config = configOf();
    const all = await opened({
      sensor: (path): SensorPort => {
        let files = [{ name: 'rules.yaml', text: rulesText }];
        return {
          ruleFiles: () => files,
          config: () => config,
          reload: async () => {
            const text = readFileSync(path, 'utf8');
            texts.push(text);
            if (takes)
              files = [
                { name: 'rules.yaml', text: rulesText },
                { name: path, text },
              ];
          },
          measure: () => Promise.reject(new Error('no answer')),
          record: () => Promise.reject(new Error('no answer')),
        };
      },
    });
    expect(await save(all, override(true), 0)).toEqual({ version: 1, isLive: true });
    takes = false;
    expect(await status(save(all, override(false), 1))).toBe(422);
    expect(texts).toEqual([override(true), override(false), override(true)]);
    const isInUse = async () => (await all.rules.listRulesFiles(asked({}))).changes.isInUse;
    expect(await isInUse()).toBe(true);
    writeFileSync(all.managedPath, '# by hand\n');
    expect(await isInUse()).toBe(false);
    writeFileSync(all.managedPath, override(true));
    expect(all.book.managedText()).toBe(override(true));
  });
});
