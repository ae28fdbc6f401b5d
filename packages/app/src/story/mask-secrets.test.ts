import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskSecrets } from './mask-secrets.ts';

test.each([
  ['mysql -uroot -phunter2 shop', 'mysql -uroot -p*** shop'],
  ['psql --password hunter2 -h db', 'psql --password *** -h db'],
  ['app --db-password=hunter2 --port=5', 'app --db-password=*** --port=5'],
  ['env DB_PASSWORD=hunter2 run', 'env DB_PASSWORD=*** run'],
  ['curl https://ann:hunter2@example.org/x', 'curl https://ann:***@example.org/x'],
  ['curl -u ann:hunter2 https://example.org', 'curl -u ann:*** https://example.org'],
  ['curl -H Authorization: Bearer abc.def x', 'curl -H Authorization: Bearer *** x'],
  [`post '{"api_key": "hunter2", "a": 1}'`, `post '{"api_key": ***, "a": 1}'`],
  ['x --token "two words" y', 'x --token *** y'],
  ['AWS_SECRET_ACCESS_KEY=abc/def+g aws s3 ls', 'AWS_SECRET_ACCESS_KEY=*** aws s3 ls'],
])('%s', (text, expected) => {
  expect(maskSecrets(text)).toBe(expected);
});

test.each([
  'cat /etc/passwd',
  'could not open /etc/passwd: EACCES',
  'docker run -v /etc/passwd:/etc/passwd:ro alpine',
  'app --password-file /run/secrets/db --verbose',
  'ssh -p 22 host',
  'curl -u ann https://example.org:8080/a@b',
  'passwd ann',
  'git commit -m tokens',
])('%s stays', (text) => {
  expect(maskSecrets(text)).toBe(text);
});

describe('whatever the text is', () => {
  const value = fc.stringMatching(/^[A-Za-z0-9+/_.]{6,20}$/);

  test('a named secret is gone, and what is around it stays', () => {
    const form = fc.constantFrom('--password=', '--api-key ', 'X_TOKEN=', '--client-secret ', 'password: ');
    fc.assert(
      fc.property(form, value, (name, secret) => {
        expect(maskSecrets(`/bin/run first ${name}${secret} last`)).toBe(`/bin/run first ${name}*** last`);
      }),
    );
  });

  test('it is done at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('-', 'password', ' ', 'token', ':', '@', '://', '"', 'mysql', '-p')),
        (parts) => {
          const text = parts.join('').repeat(20).slice(0, 8_192);
          expect(typeof maskSecrets(text)).toBe('string');
        },
      ),
    );
  });
});
