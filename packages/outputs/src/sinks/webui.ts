/** Alerts for Falcosidekick-UI, and for what has its interface. */

import { readyJsonOf } from '@peregrine/alert';
import { schema, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';

export const webui = defineHttpSink({
  name: 'webui',
  title: 'WebUI',
  category: 'web',
  doc: 'Sends every alert to Falcosidekick-UI, with the names of the outputs that are on.',
  config: schema({
    url: url({ doc: 'Address of the UI.', example: 'http://falcosidekick-ui:2802' }),
  }),
  enabledBy: ['url'],
  hasMinimumPriority: false,
  request: (alert, config, { hub }) => ({
    url: config.url,
    json: { event: readyJsonOf(alert), outputs: hub.enabledOutputs },
  }),
});
