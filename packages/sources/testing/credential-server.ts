/**
 * What gives credentials on Amazon's machines, as documented: the service for roles (STS), that for people (SSO), the
 * metadata of an instance (IMDSv2), and the address that a container is told. Each call is checked; what is wrong with it
 * is the answer.
 */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { awsIdentity } from './aws-server.ts';

export const granted = {
  webToken: 'eyJhbGciOiJSUzI1NiJ9.web.identity',
  roleArn: 'arn:aws:iam::123456789012:role/audit-reader',
  containerToken: 'container-secret',
  ssoToken: 'sso-bearer',
  accountId: '123456789012',
  ssoRole: 'AuditReader',
  instanceRole: 'instance-audit',
} as const;

const INSTANCE_TOKEN = 'imds-token';

export interface CredentialServer {
  readonly url: string;
  /** One line for each call: `STS AssumeRoleWithWebIdentity`. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (value: unknown): Answer => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(value),
});
const wrong = (why: string, status = 400): Answer => ({ status, type: 'text/plain', body: why });

/** `lifeMs`: credentials are good for so long; each grant has a session token of its own: `session-1`, `session-2`... */
export async function startCredentialServer(lifeMs = 3_600_000): Promise<CredentialServer> {
  const calls: string[] = [];
  let grantCount = 0;
  const grant = () => ({
    ...{ AccessKeyId: awsIdentity.accessKeyId, SecretAccessKey: awsIdentity.secretAccessKey },
    ...{ Token: `session-${++grantCount}`, Expiration: new Date(Date.now() + lifeMs).toISOString() },
  });

  function answerSts(body: URLSearchParams): Answer {
    const action = body.get('Action');
    calls.push(`STS ${action}`);
    if (action !== 'AssumeRoleWithWebIdentity' || body.get('Version') !== '2011-06-15')
      return wrong('no such action');
    if (body.get('WebIdentityToken') !== granted.webToken) return wrong('InvalidIdentityToken');
    if (body.get('RoleArn') !== granted.roleArn) return wrong('AccessDenied', 403);
    if (!/^[\w+=,.@-]{2,64}$/.test(body.get('RoleSessionName') ?? '')) return wrong('ValidationError');
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = grant();
    return {
      ...{ status: 200, type: 'text/xml' },
      body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>${AccessKeyId}</AccessKeyId><SecretAccessKey>${SecretAccessKey}</SecretAccessKey>
<SessionToken>${Token}</SessionToken><Expiration>${Expiration}</Expiration>
</Credentials><AssumedRoleUser><Arn>${granted.roleArn}</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    };
  }

  function answerSso(url: URL, headers: IncomingMessage['headers']): Answer {
    calls.push('SSO GetRoleCredentials');
    if (headers['x-amz-sso_bearer_token'] !== granted.ssoToken) return wrong('UnauthorizedException', 401);
    if (url.searchParams.get('account_id') !== granted.accountId) return wrong('no such account');
    if (url.searchParams.get('role_name') !== granted.ssoRole) return wrong('no such role');
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = grant();
    return json({
      roleCredentials: {
        ...{ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token },
        expiration: Date.parse(Expiration),
      },
    });
  }

  function answerInstance(method: string, path: string, headers: IncomingMessage['headers']): Answer {
    calls.push(`IMDS ${method} ${path}`);
    if (path === '/latest/api/token') {
      const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds']);
      const isGood = method === 'PUT' && seconds > 0 && seconds <= 21_600;
      return isGood ? { status: 200, type: 'text/plain', body: INSTANCE_TOKEN } : wrong('Bad Request');
    }
    if (headers['x-aws-ec2-metadata-token'] !== INSTANCE_TOKEN) return wrong('Unauthorized', 401);
    const roles = '/latest/meta-data/iam/security-credentials/';
    if (path === roles) return { status: 200, type: 'text/plain', body: granted.instanceRole };
    if (path !== `${roles}${granted.instanceRole}`) return wrong('Not Found', 404);
    return json({ Code: 'Success', Type: 'AWS-HMAC', LastUpdated: new Date().toISOString(), ...grant() });
  }

  function answerContainer(headers: IncomingMessage['headers']): Answer {
    calls.push('container');
    return headers.authorization === granted.containerToken ? json(grant()) : wrong('Unauthorized', 401);
  }

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const url = new URL(request.url ?? '', 'http://x');
    const { method = '', headers } = request;
    const answered =
      method === 'POST' && url.pathname === '/'
        ? answerSts(new URLSearchParams(body))
        : url.pathname === '/federation/credentials'
          ? answerSso(url, headers)
          : url.pathname === '/v1/credentials'
            ? answerContainer(headers)
            : answerInstance(method, url.pathname, headers);
    response.writeHead(answered.status, { 'content-type': answered.type });
    response.end(answered.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address.
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
