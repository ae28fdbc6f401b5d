/** Where credentials come from: service account, SSO, instance, container, by the SDK's own search, against servers. */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AwsServer, startAwsServer } from '../../../testing/aws-server.ts';
import { type CredentialServer, granted, startCredentialServer } from '../../../testing/credential-server.ts';
import { EksFeed } from './eks-feed.ts';

let home: string;
let logs: AwsServer;
let credentials: CredentialServer;
let told: string[];
let eventCount = 0;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'peregrine-credentials-'));
  told = [];
  logs = await startAwsServer('logs', () => ({
    body: {
      events: [
        {
          ...{ eventId: `id-${++eventCount}`, timestamp: Date.now() },
          message: JSON.stringify({
            ...{ kind: 'Event', auditID: `a-${eventCount}`, stageTimestamp: new Date().toISOString() },
          }),
        },
      ],
    },
  }));
  credentials = await startCredentialServer();
  // Nothing of this machine's own counts.
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await logs.close();
  await credentials.close();
  rmSync(home, { recursive: true });
});

async function read(batches = 1, profile?: string): Promise<readonly (string | undefined)[]> {
  const feed = await EksFeed.open({
    ...{ cluster: 'main', region: 'eu-west-1', profile, endpoint: logs.url },
    ...{ pollMs: 5, shiftMs: 60_000, pageSize: 200, mostEventBytes: 10_000, checkpointFile: '' },
    tell: (_, text) => told.push(text),
  });
  try {
    for (let i = 0; i < batches; i++) {
      const batch = await feed.next(AbortSignal.timeout(30_000));
      expect(batch?.events.length, told.join()).toBe(1);
    }
    expect(told).toEqual([]);
    return logs.requests.map(({ sessionToken }) => sessionToken);
  } finally {
    await feed.close();
  }
}

function asServiceAccount(token: string = granted.webToken): void {
  const file = join(home, 'token');
  writeFileSync(file, token);
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', file);
  vi.stubEnv('AWS_ROLE_ARN', granted.roleArn);
  vi.stubEnv('AWS_ENDPOINT_URL_STS', credentials.url);
}

test('the token of a service account (IRSA) is given for a role', async () => {
  asServiceAccount();
  expect(await read()).toEqual(['session-1']);
  expect(credentials.calls).toEqual(['STS AssumeRoleWithWebIdentity']);
});

test('credentials that are about to end are asked for again, with the token as it is then', async () => {
  await credentials.close();
  credentials = await startCredentialServer(60_000);
  asServiceAccount();
  const tokens = await read(3);
  expect(tokens[0]).toBe('session-1');
  expect(new Set(tokens).size).toBeGreaterThan(1);
  expect(credentials.calls.length).toBeGreaterThan(1);
});

test('a profile of SSO, with the token that signing in has left', async () => {
  writeFileSync(
    join(home, 'config'),
    `[profile audit]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = ${granted.accountId}
sso_role_name = ${granted.ssoRole}
`,
  );
  const cache = join(home, '.aws', 'sso', 'cache');
  mkdirSync(cache, { recursive: true });
  const name = createHash('sha1').update('https://example.awsapps.com/start').digest('hex');
  writeFileSync(
    join(cache, `${name}.json`),
    JSON.stringify({
      accessToken: granted.ssoToken,
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  );
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', credentials.url);
  expect(await read(1, 'audit')).toEqual(['session-1']);
  expect(credentials.calls).toEqual(['SSO GetRoleCredentials']);
});

test('the role of an instance, by way of a session of its metadata', async () => {
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', undefined);
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', credentials.url);
  expect(await read()).toEqual(['session-1']);
  expect(credentials.calls).toEqual([
    'IMDS PUT /latest/api/token',
    'IMDS GET /latest/meta-data/iam/security-credentials/',
    `IMDS GET /latest/meta-data/iam/security-credentials/${granted.instanceRole}`,
  ]);
});

test.each(['in the environment', 'in a file, as EKS Pod Identity has it'])(
  'the address that a container is told, with a token %s',
  async (where) => {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${credentials.url}/v1/credentials`);
    if (where === 'in the environment')
      vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', granted.containerToken);
    else {
      const file = join(home, 'container-token');
      writeFileSync(file, granted.containerToken);
      vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', file);
    }
    expect(await read()).toEqual(['session-1']);
    expect(credentials.calls).toEqual(['container']);
  },
);

test('a role that is refused is told of and counted, and tried again', async () => {
  asServiceAccount('forged');
  const feed = await EksFeed.open({
    ...{ cluster: 'main', region: 'eu-west-1', profile: undefined, endpoint: logs.url },
    ...{ pollMs: 5, shiftMs: 60_000, pageSize: 200, mostEventBytes: 10_000, checkpointFile: '' },
    tell: (_, text) => told.push(text),
  });
  const next = feed.next(AbortSignal.timeout(60_000));
  await vi.waitFor(() => expect(feed.counters.failures).toBeGreaterThan(0), { timeout: 30_000 });
  expect(told[0]).toMatch(/^CloudWatch Logs did not give the events of main, and is tried again: /);
  expect(logs.requests).toEqual([]);
  writeFileSync(join(home, 'token'), granted.webToken);
  expect((await next)?.events.length).toBe(1);
  await feed.close();
});
