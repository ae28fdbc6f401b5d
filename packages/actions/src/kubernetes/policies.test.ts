import { beforeEach, describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { FakeKube, failure } from '../../testing/fake-kube.ts';
import { putAlpine } from '../../testing/pods-of.ts';
import { parametersOf, type RunResult, runAction, undoOf } from '../../testing/run-action.ts';
import { calicoNetworkpolicy } from './calico-networkpolicy.ts';
import { ciliumNetworkpolicy } from './cilium-networkpolicy.ts';
import * as kinds from './kinds.ts';
import type { KubeKind, ObjectPlace } from './kube-port.ts';
import { networkpolicy } from './networkpolicy.ts';
import { specOf } from './object-view.ts';

let kube: FakeKube;
beforeEach(() => {
  kube = new FakeKube();
  putAlpine(kube, { labels: { app: 'alpine', tier: 'web', 'pod-template-hash': '5d4f' } });
});

const at = (kind: KubeKind, name = 'alpine'): ObjectPlace => ({ kind, namespace: 'default', name });
const specAt = (place: ObjectPlace): unknown => specOf(kube.at(place) ?? {});
const alertTo = (address: string): ReturnType<typeof alertOf> =>
  alertOf({ fields: { 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine', 'fd.rip': address } });

describe('kubernetes:networkpolicy', () => {
  const place = at(kinds.networkPolicies);
  const run = (parameters: unknown = {}): Promise<RunResult> =>
    runAction(networkpolicy, { ports: kube.ports, parameters });

  test('nothing allowed: all egress is denied', async () => {
    expect((await run()).kind).toBe('done');
    expect(kube.at(place)).toMatchObject({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { labels: { 'app.k8s.io/managed-by': 'peregrine' } },
    });
    expect(specAt(place)).toEqual({
      podSelector: { matchLabels: { app: 'alpine', tier: 'web' } },
      policyTypes: ['Egress'],
    });
  });

  test('what is allowed is what is left', async () => {
    await run({ allow_cidr: ['10.0.0.0/8', '2001:db8::/32'], allow_namespaces: ['kube-system'] });
    expect(specAt(place)).toMatchObject({
      egress: [
        {
          to: [
            { ipBlock: { cidr: '10.0.0.0/8' } },
            { ipBlock: { cidr: '2001:db8::/32' } },
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
          ],
        },
      ],
    });
  });

  test('the owner gives the name', async () => {
    kube.drop({ kind: kinds.pods, namespace: 'default', name: 'alpine' });
    putAlpine(kube, { owner: { kind: 'StatefulSet', name: 'db' } });
    await run();
    expect(kube.at(at(kinds.networkPolicies, 'db'))).toBeDefined();
  });

  test('done twice, it is there already; taken back, it is gone', async () => {
    const outcome = await run();
    expect(await run()).toMatchObject({ kind: 'unchanged' });
    expect(await undoOf(networkpolicy, outcome, kube.ports)).toMatchObject({ kind: 'done' });
    expect(kube.at(place)).toBeUndefined();
    expect(await undoOf(networkpolicy, outcome, kube.ports)).toMatchObject({ kind: 'unchanged' });
  });

  test('one that is changed says again what it said before', async () => {
    await run();
    const former = specAt(place);
    const outcome = await run({ allow_cidr: ['10.0.0.0/8'] });
    expect(specAt(place)).not.toEqual(former);
    await undoOf(networkpolicy, outcome, kube.ports);
    expect(specAt(place)).toEqual(former);
  });

  test('one that somebody changed meanwhile stays as it is', async () => {
    const outcome = await run();
    kube.change(place, { spec: { policyTypes: ['Egress', 'Ingress'] } });
    expect(await undoOf(networkpolicy, outcome, kube.ports)).toMatchObject({
      kind: 'unchanged',
      reason: expect.stringContaining('somebody else changed'),
    });
    expect(kube.at(place)).toBeDefined();
  });

  test('one that somebody else made stays as it is', async () => {
    kube.put(kinds.networkPolicies, {
      metadata: { name: 'alpine', namespace: 'default' },
      spec: { podSelector: {} },
    });
    expect(await run()).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('made by somebody else'),
    });
    expect(specAt(place)).toEqual({ podSelector: {} });
  });

  test('one that Talon made is ours to change', async () => {
    const labels = { 'app.k8s.io/managed-by': 'falco-talon' };
    kube.put(kinds.networkPolicies, { metadata: { name: 'alpine', namespace: 'default', labels }, spec: {} });
    expect((await run()).kind).toBe('done');
  });

  test('a pod without labels of its own is refused: the policy would be for all', async () => {
    kube.drop({ kind: kinds.pods, namespace: 'default', name: 'alpine' });
    putAlpine(kube, { labels: { 'pod-template-hash': '5d4f' } });
    expect(await run()).toMatchObject({ kind: 'refused' });
    expect(kube.at(place)).toBeUndefined();
  });

  test('who is faster is not overwritten', async () => {
    await run();
    kube.failNext('replace', failure(409, 'Conflict'));
    expect((await run({ allow_cidr: ['10.0.0.0/8'] })).kind).toBe('done');
  });

  test.each([
    { allow_cidr: ['10.0.0.0'] },
    { allow_cidr: ['10.0.0.0/33'] },
    { allow_cidr: ['evil/8'] },
    { allow_namespaces: ['Not A Name'] },
  ])('%j is refused', (parameters) => {
    expect(() => parametersOf(networkpolicy, parameters)).toThrow('has');
  });
});

describe('calico:networkpolicy', () => {
  const place = at(kinds.calicoNetworkPolicies);

  test('the address is denied, those of before stay denied, and the rest is allowed', async () => {
    await runAction(calicoNetworkpolicy, { ports: kube.ports, alert: alertTo('203.0.113.7') });
    const second = await runAction(calicoNetworkpolicy, { ports: kube.ports, alert: alertTo('2001:db8::1') });
    expect(specAt(place)).toEqual({
      order: 0,
      selector: "app == 'alpine' && tier == 'web'",
      types: ['Egress'],
      egress: [
        { action: 'Deny', destination: { nets: ['203.0.113.7/32', '2001:db8::1/128'] } },
        { action: 'Allow', destination: { nets: ['0.0.0.0/0', '::/0'] } },
      ],
    });
    await undoOf(calicoNetworkpolicy, second, kube.ports);
    expect(specAt(place)).toMatchObject({ egress: [{ destination: { nets: ['203.0.113.7/32'] } }, {}] });
  });

  test('what is allowed takes the place of the rest', async () => {
    const parameters = { allow_namespaces: ['kube-system'], order: 7 };
    await runAction(calicoNetworkpolicy, { ports: kube.ports, alert: alertTo('203.0.113.7'), parameters });
    expect(specAt(place)).toMatchObject({
      order: 7,
      egress: [
        { action: 'Deny' },
        {
          action: 'Allow',
          destination: { namespaceSelector: "kubernetes.io/metadata.name == 'kube-system'" },
        },
      ],
    });
  });
});

describe('cilium:networkpolicy', () => {
  const place = at(kinds.ciliumNetworkPolicies);

  test('the address is denied, those of before stay denied, and the rest is allowed', async () => {
    const first = await runAction(ciliumNetworkpolicy, { ports: kube.ports, alert: alertTo('203.0.113.7') });
    await runAction(ciliumNetworkpolicy, { ports: kube.ports, alert: alertTo('203.0.113.8') });
    expect(specAt(place)).toEqual({
      endpointSelector: { matchLabels: { app: 'alpine', tier: 'web' } },
      egressDeny: [{ toCIDR: ['203.0.113.7/32', '203.0.113.8/32'] }],
      egress: [{ toEntities: ['all'] }],
    });
    expect(await undoOf(ciliumNetworkpolicy, first, kube.ports)).toMatchObject({ kind: 'unchanged' });
  });

  test('what is allowed takes the place of the rest', async () => {
    const parameters = { allow_cidr: ['10.0.0.0/8'], allow_namespaces: ['kube-system'] };
    await runAction(ciliumNetworkpolicy, { ports: kube.ports, alert: alertTo('203.0.113.7'), parameters });
    expect(specAt(place)).toMatchObject({
      egress: [
        { toCIDR: ['10.0.0.0/8'] },
        { toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system' } }] },
      ],
    });
  });
});

test.each(['', 'not an address', '1.2.3.4/0', '1.2.3.4; drop'])(
  'the address `%s` is refused',
  async (address) => {
    for (const action of [calicoNetworkpolicy, ciliumNetworkpolicy])
      expect((await runAction(action, { ports: kube.ports, alert: alertTo(address) })).kind).toBe('refused');
  },
);
