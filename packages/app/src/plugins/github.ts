/** Events of GitHub. */

import { Fault, Secret, schema, secret } from '@peregrine/base';
import { githubFieldRoster } from '@peregrine/fields';
import { feedKeys, feedSettings } from './feed-settings.ts';
import { defineSourcePlugin } from './source-plugin.ts';

export const github = defineSourcePlugin({
  name: 'github',
  version: '0.8.0',
  source: 'github',
  doc: 'What GitHub tells through a webhook of a repository or an organisation: set one up there, of content type application/json, with a secret.',
  fields: githubFieldRoster,
  settings: schema({
    ...feedKeys,
    webhook_secret: secret({
      default: new Secret(''),
      doc: 'Secret of the webhook; must be set. Requests whose signature does not go with it get the answer 401. Not in the reference.',
    }),
  }),
  openForms: [
    { form: 'http://HOST:PORT/PATH', doc: 'A web server that GitHub, or a proxy before it, can reach.' },
    { form: 'https://HOST:PORT/PATH', doc: 'The same with TLS.' },
    { form: 'PATH', doc: 'A file of such events.' },
  ],
  web: { port: 8_080, path: '/' },
  open: async ({ settings, openParams, tell }) => {
    const secretText = settings.webhook_secret.reveal();
    if (secretText === '' && /^https?:/.test(openParams))
      throw new Fault('source-secret', 'the plugin `github` has no `webhook_secret`', {
        hint: 'without one, anybody who reaches the address could send events',
      });
    const { githubKind, openFeed } = await import('@peregrine/sources/feeds');
    return openFeed(openParams, githubKind(secretText), feedSettings(settings), tell);
  },
});
