/** Any stream of JSON documents, each an event. */

import { schema, text } from '@peregrine/base';
import { addressForms, queueForms } from './address-forms.ts';
import { feedKeys, feedSettingsWithQueue, queueKeys } from './feed-settings.ts';
import { defineSourcePlugin } from './source-plugin.ts';

export const JSON_SOURCE_NAME = 'json';

const web = { port: 9_766, path: '/events' };

export const json = defineSourcePlugin({
  name: 'json',
  version: '0.7.0',
  source: JSON_SOURCE_NAME,
  doc: 'JSON documents of any kind. Without `open_params` it gives fields only.',
  fields: {},
  settings: schema({
    ...feedKeys,
    ...queueKeys,
    time_pointer: text({
      default: '',
      doc: 'JSON pointer to the time of an event: RFC 3339, or a number of seconds, milliseconds, microseconds or nanoseconds. Absent, or where it leads nowhere, the time of arrival. Not in the reference.',
      example: '/time',
    }),
    items_pointer: text({
      default: '',
      doc: 'JSON pointer to the list of events, where a document holds many. Not in the reference.',
      example: '/Records',
    }),
  }),
  openForms: [...addressForms, ...queueForms],
  web,
  open: async ({ settings, openParams, tell }) => {
    const { openFeed, unpackJson } = await import('@peregrine/sources/feeds');
    return openFeed(
      openParams,
      {
        unpack: unpackJson(settings.items_pointer, settings.time_pointer),
        nameOf: () => '',
        ...web,
      },
      feedSettingsWithQueue(settings),
      tell,
    );
  },
});
