/** Alerts for n8n. */

import { readyJsonOf } from '@peregrine/alert';
import { type Infer, Secret, schema, secret, text, url } from '@peregrine/base';
import { defineHttpSink, type Refusal } from '../sink.ts';
import { basicAuth, refusesHalf } from './parts/basic-auth.ts';

const config = schema({
  address: url({ doc: 'Address of the webhook node.', example: 'http://n8n:5678/webhook/falco' }),
  user: text({ default: '', doc: 'User, where the node wants one.' }),
  password: secret({ default: new Secret(''), doc: 'Password of the user.' }),
  headerauthname: text({ default: '', doc: 'Header that the node wants.', example: 'X-Falco' }),
  headerauthvalue: secret({ default: new Secret(''), doc: 'What the header must say.' }),
});
type Config = Infer<typeof config>;

export const n8n = defineHttpSink({
  name: 'n8n',
  title: 'n8n',
  category: 'other',
  doc: 'Posts each alert as JSON to a workflow of n8n.',
  config,
  enabledBy: ['address'],
  refuses: (settings) => [...refusesHalf(settings), ...refusesHeader(settings)],
  request: (alert, settings) => ({
    url: settings.address,
    headers: {
      ...basicAuth(settings.user, settings.password),
      ...(settings.headerauthname === ''
        ? {}
        : { [settings.headerauthname.toLowerCase()]: settings.headerauthvalue.reveal() }),
    },
    json: readyJsonOf(alert),
  }),
});

function refusesHeader({ headerauthname, headerauthvalue }: Config): readonly Refusal[] {
  const hasValue = headerauthvalue.reveal() !== '';
  if (headerauthname === '') {
    return hasValue ? [{ key: 'headerauthname', why: 'is not set, and `headerauthvalue` is' }] : [];
  }
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(headerauthname)) {
    return [{ key: 'headerauthname', why: 'cannot be the name of a header' }];
  }
  return hasValue ? [] : [{ key: 'headerauthvalue', why: 'is not set, and `headerauthname` is' }];
}
