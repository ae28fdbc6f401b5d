import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { readContext } from './read-context.ts';

test('of the instance: a token first, then what it may ask', async () => {
  const server = createServer((request, response) => {
    const isToken = request.method === 'PUT' && request.url === '/latest/api/token';
    if (isToken && request.headers['x-aws-ec2-metadata-token-ttl-seconds'] === '60') response.end('T');
    else if (request.headers['x-aws-ec2-metadata-token'] !== 'T') response.writeHead(401).end();
    else if (request.url === '/latest/meta-data/placement/region') response.end('eu-west-1\n');
    else response.end('{"InstanceProfileArn":"arn:aws:iam::1:x","InstanceProfileId":"AIP"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on a port.
  const found = await readContext('aws', {
    alert: alertOf(),
    kube: () => Promise.reject(new Error('not asked')),
    environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` },
    signal: AbortSignal.timeout(10_000),
  });
  server.close();
  expect(found).toEqual({
    'aws.instance_profile_arn': 'arn:aws:iam::1:x',
    'aws.instance_profile_id': 'AIP',
    'aws.region': 'eu-west-1',
  });
});
