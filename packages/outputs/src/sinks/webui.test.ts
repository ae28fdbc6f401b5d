import { expect, test } from 'vitest';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, settingsOf } from '../../testing/sink-contract.ts';
import { sectionSchemaOf } from '../settings/sink-settings.ts';
import { webui } from './webui.ts';

test('the alert with the outputs that are on', () => {
  expect(bodyOf(settingsOf(webui), sampleAlert('whole'))).toMatchObject({
    event: { uuid: sampleAlert('whole').uuid, output_fields: { 'proc.pid': 4711 } },
    outputs: ['Slack', 'WebUI'],
  });
});

test('the UI gets alerts of every priority', () => {
  expect(sectionSchemaOf(webui).keys).not.toHaveProperty('minimumpriority');
});
