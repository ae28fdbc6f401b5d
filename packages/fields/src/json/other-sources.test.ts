/** Fields of sources that are neither the kernel nor Kubernetes. */

import type { JsonDocument } from '@peregrine/base';
import { JsonNode, JsonReader } from '@peregrine/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cloudtrailFieldRoster } from '../cloudtrail/roster.ts';
import { githubFieldRoster } from '../github/roster.ts';

const read = (rosters: typeof githubFieldRoster, name: string, object: JsonDocument) =>
  rosters[name]?.bind(new JsonReader(), undefined)({ document: JsonNode.of(object), num: 1, timeNs: 1n });

const trail: JsonDocument = {
  eventVersion: '1.09',
  userIdentity: { type: 'AssumedRole', sessionContext: { sessionIssuer: { userName: 'deployer' } } },
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  errorCode: 'AccessDenied',
  readOnly: true,
  requestParameters: { bucketName: 'backup', key: 'db.dump' },
  tlsDetails: { tlsVersion: 'TLSv1.3' },
};

describe('CloudTrail', () => {
  test.each<[string, unknown]>([
    ['ct.name', 'GetObject'],
    ['ct.user', 'deployer'],
    ['ct.shortsrc', 's3'],
    ['ct.readonly', 'true'],
    ['ct.info', 'deployer s3 GetObject AccessDenied'],
    ['ct.request', '{"bucketName":"backup","key":"db.dump"}'],
    ['s3.uri', 's3://backup/db.dump'],
    ['ct.tlsdetails.tlsversion', 'TLSv1.3'],
    ['ct.response', undefined],
  ])('%s', (name, expected) => {
    expect(read(cloudtrailFieldRoster, name, trail)).toBe(expected);
  });

  test.each<[JsonDocument, unknown]>([
    [{ type: 'Root' }, 'Root'],
    [{ type: 'IAMUser', userName: 'alice' }, 'alice'],
    [{ type: 'AWSService', invokedBy: 'eks.amazonaws.com' }, 'eks.amazonaws.com'],
    [{ type: 'AWSAccount', principalId: 'AIDA' }, 'AIDA'],
    [{}, undefined],
  ])('the user of %j', (userIdentity, expected) => {
    expect(read(cloudtrailFieldRoster, 'ct.user', { userIdentity })).toBe(expected);
  });
});

describe('GitHub', () => {
  const push: JsonDocument = {
    webhook_type: 'push',
    sender: { login: 'alice' },
    repository: { full_name: 'example/shop', private: false },
    commits: [{ modified: ['a'], added: ['b'] }, { modified: ['c'] }],
  };
  test.each<[string, unknown]>([
    ['github.type', 'push'],
    ['github.user', 'alice'],
    ['github.repo.public', 'true'],
    ['github.commit.modified', ['a', 'c']],
    ['github.commit.removed', []],
    ['github.action', undefined],
  ])('%s', (name, expected) => {
    expect(read(githubFieldRoster, name, push)).toEqual(expected);
  });
});

test('no document makes a reader throw', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('userIdentity', 'commits', 'repository', 'requestParameters'),
        fc.jsonValue(),
      ),
      (object) => {
        const document: JsonDocument = JSON.parse(JSON.stringify(object));
        for (const roster of [cloudtrailFieldRoster, githubFieldRoster])
          for (const name of Object.keys(roster)) read(roster, name, document);
      },
    ),
  );
});
