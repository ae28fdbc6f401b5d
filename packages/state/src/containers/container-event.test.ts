import { toByteText } from '@peregrine/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Container } from '../tables.ts';
import { decodeContainerEvent } from './container-event.ts';
import { renderContainer } from './encode-container.ts';

test('everything that the document has is taken', () => {
  const container = decodeContainerEvent(
    JSON.stringify({
      container: {
        type: 7,
        id: '5892b41bcf46',
        full_id: '5892b41bcf46aa',
        name: 'web',
        image: 'docker.io/nginx:1',
        imagerepo: 'docker.io/nginx',
        imagetag: '1',
        ip: '10.0.0.2',
        privileged: true,
        labels: { app: 'web' },
        Mounts: [{ Source: '/a', Destination: '/b', Mode: 'ro', RW: false, Propagation: 'private' }],
        Healthcheck: { exe: '/bin/check', args: ['-q', 'now'] },
      },
    }),
  );
  expect(container).toMatchObject({ id: '5892b41bcf46', fullId: '5892b41bcf46aa', type: 'containerd' });
  expect(container?.metadata).toMatchObject({
    name: 'web',
    imageRepository: 'docker.io/nginx',
    imageTag: '1',
    ip: '10.0.0.2',
    isPrivileged: true,
    isHostPid: false,
    labels: { app: 'web' },
    mounts: [{ source: '/a', destination: '/b', mode: 'ro', isWritable: false, propagation: 'private' }],
    healthcheck: { exe: '/bin/check', args: ['-q', 'now'] },
    livenessProbe: undefined,
  });
});

test('an old document has its members at the top, and its address as a number', () => {
  const container = decodeContainerEvent('{"id":"abc","type":0,"ip":167772162}');
  expect(container).toMatchObject({ id: 'abc', type: 'docker', metadata: { ip: '10.0.0.2' } });
});

test('names stay whole, ids of 64 digits are cut', () => {
  const idOf = (id: string) => decodeContainerEvent(JSON.stringify({ id }))?.id;
  expect(idOf('a-name-of-more-than-twelve')).toBe('a-name-of-more-than-twelve');
  expect(idOf('5892b41bcf46'.padEnd(64, '0'))).toBe('5892b41bcf46');
});

test.each(['', 'nonsense', '[]', '{}', '{"container":{"id":5}}', 'null'])('%s is refused', (text) => {
  expect(decodeContainerEvent(text)).toBeUndefined();
});

test('no JSON makes it throw', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      decodeContainerEvent(text);
      decodeContainerEvent(
        `{"container":{"id":"x","labels":${text},"Mounts":${text},"Healthcheck":${text}}}`,
      );
    }),
  );
});

const byteText = fc.string({ unit: 'grapheme' }).map(toByteText);
const labels = fc.dictionary(byteText, byteText, { noNullPrototype: true });
const probe = fc.option(fc.record({ exe: byteText, args: fc.array(byteText) }), { nil: undefined });
const anyContainer: fc.Arbitrary<Container> = fc.record({
  id: fc.stringMatching(/^[0-9a-z]{1,12}$/),
  fullId: fc.stringMatching(/^[0-9a-f]{64}$/),
  type: fc.constantFrom('docker', 'cri-o', 'podman', 'lxc'),
  startNs: fc.constant(0),
  metadata: fc.record({
    ...{ name: byteText, image: byteText, imageId: byteText, imageRepository: byteText },
    ...{ imageTag: byteText, imageDigest: byteText, ip: byteText, cniJson: byteText },
    ...{ isPrivileged: fc.boolean(), isHostPid: fc.boolean(), isHostNetwork: fc.boolean() },
    ...{ isHostIpc: fc.boolean(), isPodSandbox: fc.boolean() },
    mounts: fc.array(
      fc.record({
        source: byteText,
        destination: byteText,
        mode: byteText,
        isWritable: fc.boolean(),
        propagation: byteText,
      }),
    ),
    labels,
    podSandboxId: byteText,
    podSandboxLabels: labels,
    healthcheck: probe,
    livenessProbe: probe,
    readinessProbe: probe,
  }),
});

test('decoding undoes rendering', () => {
  fc.assert(
    fc.property(anyContainer, (container) => {
      expect(decodeContainerEvent(toByteText(renderContainer(container)))).toEqual(container);
    }),
  );
});
