import { type MapNode, mapNode, Secret, scalarNode } from '@peregrine/base';
import { expect, test } from 'vitest';
import { readResponseSections } from './response-sections.ts';

type Written = string | { readonly [key: string]: Written };

function nodeOf(written: Readonly<Record<string, Written>>): MapNode {
  return mapNode(
    Object.entries(written).map(([name, value]) => [
      name,
      typeof value === 'string' ? scalarNode(value) : nodeOf(value),
    ]),
  );
}

const read = (
  written: Readonly<Record<string, Written>>,
  environment: Readonly<Record<string, string>> = {},
) => readResponseSections(nodeOf(written), environment);

test('with nothing set, they are what their defaults make them', () => {
  const { settings, diagnostics } = read({});
  expect(diagnostics).toEqual([]);
  expect(settings('minio')).toMatchObject({ endpoint: '', use_ssl: false, region: 'us-east-1' });
  expect(settings('aws')).toMatchObject({ region: '', rolearn: '' });
  expect(settings('nobody')).toEqual({});
});

test('from the file and the environment, sections of outputs left out', () => {
  const { settings, diagnostics } = read(
    {
      MinIO: { Endpoint: 'minio:9000', access_key: 'me', use_ssl: 'true' },
      aws: { region: 'eu-west-1', s3: { bucket: 'b' } },
    },
    { MINIO_SECRET_KEY: 's3cret', AWS_ROLEARN: 'arn:aws:iam::1:role/hub' },
  );
  expect(diagnostics).toEqual([]);
  const { endpoint, access_key, use_ssl, secret_key } = settings('minio');
  expect({ endpoint, access_key, use_ssl }).toEqual({
    endpoint: 'minio:9000',
    access_key: 'me',
    use_ssl: true,
  });
  expect(secret_key instanceof Secret && secret_key.reveal()).toBe('s3cret');
  expect(settings('aws')).toMatchObject({ region: 'eu-west-1', rolearn: 'arn:aws:iam::1:role/hub' });
});

test('what is wrong is told of, keys that there are not too', () => {
  const messages = (written: Readonly<Record<string, Written>>) =>
    read(written).diagnostics.map(({ code, message }) => `${code}: ${message}`);
  expect(messages({ minio: { use_ssl: 'perhaps' } })).toEqual([expect.stringContaining('use_ssl')]);
  expect(messages({ minio: { secret: 'x' } })).toEqual([expect.stringMatching(/^unknown-key.*secret/)]);
  const { settings, diagnostics } = read({ minio: { secret: 'x', access_key: 'me' } });
  expect(diagnostics).toMatchObject([{ severity: 'warning' }]);
  expect(settings('minio')).toMatchObject({ access_key: 'me' });
  // Outputs check what is theirs.
  expect(messages({ aws: { sqs: { url: 'x' }, nonsense: 'x' } })).toEqual([]);
});
