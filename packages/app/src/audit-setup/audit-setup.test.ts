import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiServerManifest, checkApiServer } from './check-api-server.ts';
import { webhookKubeconfig } from './kubeconfig.ts';
import { platformRoster } from './platforms.ts';
import { auditPolicy } from './policy.ts';

const manifest = (...flags: readonly string[]): string =>
  `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - command: [kube-apiserver, ${flags.join(', ')}]\n`;
const address = 'http://:9765/k8s-audit';
const webhook = webhookKubeconfig({
  address: 'http://10.0.0.5:9765/k8s_audit',
  authority: undefined,
  hasToken: false,
});
const bothFlags = ['--audit-policy-file=/p.yaml', '--audit-webhook-config-file=/w.yaml'];

function check(files: Readonly<Record<string, string>>): readonly string[] {
  return checkApiServer({ read: (path) => files[path] }, address).map(
    ({ isGood, text }) => `${isGood ? 'ok' : 'no'} ${text}`,
  );
}

describe('a control plane node', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['is none', {}, []],
    [
      'has no flags',
      { [apiServerManifest]: manifest() },
      [
        'no the API server has no `--audit-policy-file`: it logs nothing',
        'no the API server has no `--audit-webhook-config-file`: it sends nothing',
      ],
    ],
    [
      'has all',
      { [apiServerManifest]: manifest(...bothFlags), '/p.yaml': auditPolicy, '/w.yaml': webhook },
      ['ok audit policy /p.yaml: 9 rules', 'ok audit webhook /w.yaml: http://10.0.0.5:9765/k8s_audit'],
    ],
    [
      'lacks the files',
      { [apiServerManifest]: manifest(...bothFlags) },
      ['no `/p.yaml` is no audit policy, or is not there', 'no `/w.yaml` names no server, or is not there'],
    ],
    [
      'sends elsewhere, and says little',
      {
        [apiServerManifest]: manifest(...bothFlags),
        '/p.yaml': 'kind: Policy\nrules: [{level: Metadata}]',
        '/w.yaml': webhook.replace('9765', '8765'),
      },
      [
        'no `/p.yaml` has no rule of level Request or RequestResponse: what pods and roles are made of is not logged',
        'no `/w.yaml` sends to http://10.0.0.5:8765/k8s_audit, and events are taken at port 9765, path /k8s-audit',
      ],
    ],
    [
      'leaves a stage out',
      {
        [apiServerManifest]: manifest(...bothFlags),
        '/p.yaml': 'kind: Policy\nomitStages: [ResponseStarted]\nrules: []',
        '/w.yaml': webhook,
      },
      [
        'no `/p.yaml` leaves out the stage ResponseStarted, by which commands in pods are seen as they begin',
        'ok audit webhook /w.yaml: http://10.0.0.5:9765/k8s_audit',
      ],
    ],
  ])('%s', (_, files, expected) => {
    expect(check(files)).toEqual(expected);
  });
});

test('the policy is one, and keeps secrets out of the log', () => {
  const policy = parse(auditPolicy);
  expect([policy.apiVersion, policy.kind, policy.omitStages]).toEqual([
    'audit.k8s.io/v1',
    'Policy',
    ['RequestReceived'],
  ]);
  const ofSecrets = policy.rules.find((rule: { resources?: { resources?: string[] }[] }) =>
    rule.resources?.some(({ resources }) => resources?.includes('secrets')),
  );
  expect(ofSecrets.level).toBe('Metadata');
});

test('a kubeconfig with authority and token', () => {
  const config = parse(
    webhookKubeconfig({ address: 'https://10.0.0.5:9765/k8s-audit', authority: '/a/ca.crt', hasToken: true }),
  );
  expect(config.clusters[0].cluster).toEqual({
    server: 'https://10.0.0.5:9765/k8s-audit',
    'certificate-authority': '/a/ca.crt',
  });
  expect(config.users[0].user.token).toMatch(/REPLACE/);
});

test.each(platformRoster)('$name says what to do', ({ doc, steps }) => {
  expect(doc).toMatch(/\.$/);
  expect(steps('/etc/kubernetes/audit').length).toBeGreaterThan(1);
});
