import type { FunctionSpec } from '@peregrine/functions';
import { expect, test } from 'vitest';
import { accountFor } from './function-accounts.ts';

const files = {
  users: 'root:x:0:0:::\nnobody:x:65534:65534:::\nfn:x:200:201:::\n',
  groups: 'fn:x:201:\nextra:x:202:fn\n',
};
const spec = (runAsUser?: number): FunctionSpec => ({
  name: 'f',
  namespace: 'n',
  language: 'python',
  runtime: 'python3',
  handler: 'f.f',
  moduleName: 'f',
  exportName: 'f',
  code: { kind: 'text', text: '' },
  dependencies: '',
  environment: {},
  timeoutMs: 1,
  memoryBytes: 1,
  serviceAccount: undefined,
  runAsUser,
  file: '',
});

interface Case {
  readonly uid: number;
  readonly user?: string;
  readonly firstUser?: number;
  readonly runAsUser?: number;
  readonly gives: object | undefined;
  readonly warns?: boolean;
}

test.each<Case>([
  { uid: 0, gives: { uid: 65_534, gid: 65_534 } },
  { uid: 0, user: 'fn', gives: { uid: 200, gid: 201, groups: [201, 202] } },
  { uid: 0, user: '300', gives: { uid: 300, gid: 300 } },
  { uid: 0, user: 'root', gives: undefined },
  { uid: 0, runAsUser: 200, gives: { uid: 200, gid: 201 } },
  { uid: 0, runAsUser: 200, user: 'nobody', gives: { uid: 65_534 } },
  { uid: 0, firstUser: 7_000, runAsUser: 200, gives: { uid: 7_002, gid: 7_002, groups: [7_002] } },
  { uid: 0, firstUser: 198, gives: { uid: 200, gid: 201 } },
  // A manifest cannot ask for root.
  { uid: 0, runAsUser: 0, gives: { uid: 65_534 } },
  { uid: 200, gives: undefined },
  { uid: 200, user: 'fn', gives: undefined },
  { uid: 200, runAsUser: 200, gives: undefined },
  { uid: 200, runAsUser: 1, gives: undefined, warns: true },
])('%j', ({ uid, user, firstUser, runAsUser, gives, warns = false }) => {
  const warnings: string[] = [];
  const account = accountFor(spec(runAsUser), {
    ...{ uid, user, firstUser, files, index: 2 },
    warn: (text) => warnings.push(text),
  });
  if (gives === undefined) expect(account).toBeUndefined();
  else expect(account).toMatchObject(gives);
  expect(warnings.length).toBe(warns ? 1 : 0);
});

test('users that are not there, or not to be had', () => {
  const request = { uid: 200, firstUser: undefined, index: 0, files, warn: () => {} };
  expect(() => accountFor(spec(), { ...request, user: 'root' })).toThrow('functions cannot run as `root`');
  expect(() => accountFor(spec(), { ...request, user: 'who' })).toThrow('there is no user `who`');
  expect(() => accountFor(spec(), { ...request, user: undefined, firstUser: 7 })).toThrow(
    'cannot run as `7`',
  );
});

test('a machine without accounts has nobody all the same', () => {
  const account = accountFor(spec(), {
    ...{ uid: 0, user: undefined, firstUser: undefined, index: 0 },
    files: { users: '', groups: '' },
    warn: () => {},
  });
  expect(account).toEqual({ uid: 65_534, gid: 65_534, groups: [65_534] });
});
