import { expect, test } from 'vitest';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { outcomeOf, requestsOf, settingsOf, type Written } from '../../testing/sink-contract.ts';
import { openwhisk } from './openwhisk.ts';

const alert = sampleAlert('shell');
const urlOf = (written: Written) => String(requestsOf(settingsOf(openwhisk, written), alert)[0]?.url);

test('an action is in a namespace, and may be in a package', () => {
  expect(urlOf({ host: 'https://ow', action: 'a b' })).toBe(
    'https://ow/api/v1/namespaces/_/actions/a%20b?blocking=true&result=true',
  );
  expect(urlOf({ host: 'https://ow/x/', action: 'p/a', namespace: 'n', blocking: 'false' })).toBe(
    'https://ow/x/api/v1/namespaces/n/actions/p/a?blocking=false&result=false',
  );
  expect(() => settingsOf(openwhisk, { action: 'a/b/c' })).toThrow('is not `action` or `package/action`');
});

test('without a key there is no header for one', () => {
  const [request] = requestsOf(settingsOf(openwhisk, { apikey: '' }), alert);
  expect(request?.headers).toEqual({ 'content-type': 'application/json' });
});

test.each([
  [200, '{"done":true}', 'delivered'],
  [202, '{"activationId":"44794bd6aab74415b4e42a308d880e5b"}', 'delivered'],
  // The action failed, and would fail again.
  [502, '{"activationId":"44794bd6aab74415b4e42a308d880e5b","response":{"success":false}}', 'rejected'],
  [502, '{"error":"no such pod"}', 'rejected'],
  [413, '{"error":"Request larger than allowed"}', 'rejected'],
  // The way to it did.
  [502, '<html>Bad Gateway</html>', 'retry'],
  [401, '{"error":"The supplied authentication is invalid"}', 'retry'],
  [429, '{"error":"Too many requests in the last minute"}', 'retry'],
])('status %i with %s: %s', (status, body, kind) => {
  expect(outcomeOf(settingsOf(openwhisk), alert, { status, body }).kind).toBe(kind);
});
