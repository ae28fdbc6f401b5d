/** Calls of an action of Apache OpenWhisk, through its API. */

import { readyJsonOf } from '@peregrine/alert';
import { flag, type Outcome, parseObject, Secret, schema, secret, text, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { type HttpAnswer, reasonOf } from '../transport/http-answer.ts';
import { below } from './parts/address.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { callLines, callTimeoutKey } from './parts/function-call.ts';

/** An action takes a megabyte of parameters. */
const MOST_ALERT_BYTES = 900_000;

export const openwhisk = defineHttpSink({
  name: 'openwhisk',
  title: 'OpenWhisk',
  category: 'functions',
  doc: 'Calls an action of Apache OpenWhisk with each alert.',
  config: schema({
    host: url({ doc: 'Address of the API.', example: 'https://openwhisk.example.org' }),
    action: text({
      default: '',
      doc: 'Name of the action, with its package where it is in one.',
      example: 'falco/delete-pod',
    }),
    namespace: text({ default: '_', doc: "Namespace of the action; `_` is the key's own." }),
    apikey: secret({
      default: new Secret(''),
      doc: 'Key that may call it, with a colon in it.',
      example: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:XXXX',
    }),
    blocking: flag({
      default: true,
      doc: 'Wait for the action to end, so that one that fails is known; else it is enough that the call is accepted.',
    }),
    timeout: callTimeoutKey(),
  }),
  enabledBy: ['host', 'action'],
  refuses: ({ action }) =>
    /^[^/]+(?:\/[^/]+)?$/.test(action) ? [] : [{ key: 'action', why: 'is not `action` or `package/action`' }],
  request: (alert, { host, action, namespace, apikey, blocking }) => ({
    url: `${below(host, 'api', 'v1', 'namespaces', namespace, 'actions', ...action.split('/'))}?blocking=${blocking}&result=${blocking}`,
    headers: { ...authorization(apikey), 'content-type': 'application/json' },
    json: readyJsonOf(fitAlert(alert, MOST_ALERT_BYTES)),
  }),
  classify: classifyActivation,
  answerLines: (answer, { action }) => callLines(answer, action),
  example: {
    host: 'https://openwhisk.example.org',
    action: 'falco/delete-pod',
    apikey: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:XXXX',
  },
});

function authorization(apikey: Secret): Readonly<Record<string, string>> {
  const key = apikey.reveal();
  return key === '' ? {} : { authorization: `Basic ${Buffer.from(key).toString('base64')}` };
}

/** An action that fails is a bad gateway with the id of what ran, or with what the action said was its error. */
function classifyActivation(answer: HttpAnswer): Outcome | undefined {
  if (answer.status !== 502) return undefined;
  const body = parseObject(answer.body);
  if (body?.activationId === undefined && body?.error === undefined) return undefined;
  return { kind: 'rejected', reason: `the action failed: ${reasonOf(answer)}` };
}
