import { expect, test } from 'vitest';
import { isBareDigest, parseImageName } from './image-name.ts';

test.each([
  ['nginx', 'nginx', '', ''],
  ['nginx:1.27', 'nginx', '1.27', ''],
  ['docker.io/library/nginx:1.27', 'docker.io/library/nginx', '1.27', ''],
  ['registry:5000/team/web', 'registry:5000/team/web', '', ''],
  ['registry:5000/team/web:1', 'registry:5000/team/web', '1', ''],
  ['web:1@sha256:ab', 'web', '1', 'sha256:ab'],
  ['web@sha256:ab', 'web', '', 'sha256:ab'],
  ['', '', '', ''],
])('%s', (name, repository, tag, digest) => {
  expect(parseImageName(name)).toEqual({ repository, tag, digest });
});

test('a digest is no name', () => {
  expect(['', 'sha256:ab', 'sha256', 'sha256sum:1', 'web@sha256:ab'].map(isBareDigest)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
