import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeContainerEvent } from './container-event.ts';

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
    healthcheck: '/bin/check -q now',
    livenessProbe: undefined,
  });
});

test('an old document has its members at the top, and its address as a number', () => {
  const container = decodeContainerEvent('{"id":"abc","type":0,"ip":167772162}');
  expect(container).toMatchObject({ id: 'abc', type: 'docker', metadata: { ip: '10.0.0.2' } });
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
