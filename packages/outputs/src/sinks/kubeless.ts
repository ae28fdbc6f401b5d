/** Calls of a Kubeless function, or of anything that serves its contract. */

import { readyJsonOf } from '@peregrine/alert';
import { integer, schema, text } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import {
  badNames,
  callLines,
  callTimeoutKey,
  classifyCall,
  functionClient,
  kubeconfigKey,
  proxied,
} from './parts/function-call.ts';

export const kubeless = defineHttpSink({
  name: 'kubeless',
  title: 'Kubeless',
  category: 'functions',
  doc: 'Calls a Kubeless function with each alert.',
  config: schema({
    namespace: text({ default: '', doc: 'Namespace of the function.', example: 'kubeless' }),
    function: text({ default: '', doc: 'Name of the function.', example: 'delete-pod' }),
    port: integer({ default: 8_080, min: 1, max: 65_535, doc: "Port of the function's service." }),
    kubeconfig: kubeconfigKey(),
    timeout: callTimeoutKey(),
  }),
  enabledBy: ['namespace', 'function'],
  refuses: (config) => badNames(config, ['namespace', 'function']),
  request: (alert, config, { deliveryId }) => {
    const { namespace, port, function: service } = config;
    // COMPAT: the runtime reads JSON only where the type is this and nothing more.
    const headers = {
      'content-type': 'application/json',
      'event-id': deliveryId,
      'event-type': 'falco',
      'event-namespace': namespace,
    };
    return config.kubeconfig === ''
      ? {
          url: `http://${service}.${namespace}.svc.cluster.local:${port}/`,
          headers,
          json: readyJsonOf(alert),
        }
      : { url: proxied({ namespace, service, port }, '/'), headers, body: alert.json };
  },
  client: ({ kubeconfig }, context) => functionClient(kubeconfig, context),
  classify: classifyCall,
  answerLines: (answer, config) => callLines(answer, config.function),
});
