import { expect, test } from 'vitest';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { n8n } from './n8n.ts';
import { nodered } from './nodered.ts';

test.each([
  [{}, {}],
  [{ user: 'falco', password: 'x:y' }, { authorization: 'Basic ZmFsY286eDp5' }],
  [{ headerauthname: 'X-Falco', headerauthvalue: 'abc' }, { 'x-falco': 'abc' }],
])('%o', (written, headers) => {
  expect(requestsOf(settingsOf(n8n, written), sampleAlert('test'))[0]?.headers).toEqual(headers);
});

test.each([
  [{ user: 'falco' }, '`n8n.password` is not set, and `user` is'],
  [{ password: 'x' }, '`n8n.user` is not set, and `password` is'],
  [{ headerauthname: 'X-Falco' }, '`n8n.headerauthvalue` is not set, and `headerauthname` is'],
  [{ headerauthvalue: 'abc' }, '`n8n.headerauthname` is not set, and `headerauthvalue` is'],
  [
    { headerauthname: 'X Falco', headerauthvalue: 'abc' },
    '`n8n.headerauthname` cannot be the name of a header',
  ],
])('%o is refused', (written, why) => {
  expect(() => settingsOf(n8n, written)).toThrow(why);
});

test('Node-RED has users as well', () => {
  expect(
    requestsOf(settingsOf(nodered, { user: 'falco', password: 'x' }), sampleAlert('test')),
  ).toMatchObject([{ headers: { authorization: 'Basic ZmFsY286eA==' } }]);
  expect(() => settingsOf(nodered, { user: 'falco' })).toThrow('`nodered.password` is not set');
});
