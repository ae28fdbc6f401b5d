import type { HubAlert } from '@peregrine/alert';
import { expect, test } from 'vitest';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { sampleCall, settingsOf } from '../../testing/sink-contract.ts';
import { splitSettings } from '../settings/sink-settings.ts';
import { alertmanager } from './alertmanager.ts';

function payloadOf(written: Parameters<typeof settingsOf>[1], alert: HubAlert) {
  if (alertmanager.kind !== 'http') throw new Error('it speaks HTTP');
  const [request] = [
    alertmanager.request(alert, settingsOf(alertmanager, written).config, sampleCall),
  ].flat();
  return request?.json;
}

const drops: HubAlert = {
  ...sampleAlert('whole'),
  rule: 'Falco internal: syscall event drop',
  priority: 'Debug',
  fields: { n_evts: 5000, n_drops: 11n, n_drops_bug: 0, 'proc.aname[2]': 'x', '1st': 'y', ok: true },
};

test('losses are rounded down to thresholds, and make the alert more urgent', () => {
  expect(payloadOf({}, drops)).toMatchObject([
    {
      labels: {
        n_drops: '>10',
        n_drops_bug: '0',
        proc_aname_2: 'x',
        _1st: 'y',
        priority: 'Warning',
        severity: 'warning',
      },
    },
  ]);
  expect(payloadOf({}, drops)).not.toMatchObject([{ labels: { n_evts: expect.anything() } }]);
});

test('thresholds without a priority have the default one', () => {
  const written = { dropeventthresholds: '5', dropeventdefaultpriority: 'alert' };
  expect(payloadOf(written, drops)).toMatchObject([{ labels: { n_drops: '>5', priority: 'Alert' } }]);
});

test('labels, annotations, severities and an end of the user', () => {
  const written = {
    extralabels: 'team:red',
    extraannotations: { runbook: 'https://wiki.example.org/x' },
    customseveritymap: 'error:page,notice:none',
    expiresafter: '60',
  };
  expect(payloadOf(written, sampleAlert('whole'))).toMatchObject([
    {
      labels: { team: 'red', severity: 'page' },
      annotations: { runbook: 'https://wiki.example.org/x' },
      endsAt: '2024-03-01T10:21:30.000Z',
    },
  ]);
});

test('a severity for what is no priority is refused', () => {
  expect(() => settingsOf(alertmanager, { customseveritymap: 'notic:none' })).toThrow(
    '`notic`, which is no priority',
  );
});

test('every address is a destination of its own', () => {
  const settings = settingsOf(alertmanager, { hostport: 'http://a:9093, http://b:9093' });
  expect(splitSettings(settings).map(({ config }) => config.hostport)).toEqual([
    ['http://a:9093'],
    ['http://b:9093'],
  ]);
});
