/** Calls of a function of Google Cloud. */

import { type Outcome, objectIn, parseObject, schema, text, textIn } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import type { HttpAnswer } from '../transport/http-answer.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { callTimeoutKey } from './parts/function-call.ts';
import { endpointKey, googleClient, googleSection, googleUrl, methodUrl } from './parts/google.ts';

/** A function takes 10 MB in one call. */
const MOST_ALERT_BYTES = 4_000_000;

export const gcpCloudfunctions = defineHttpSink({
  name: 'gcp.cloudfunctions',
  title: 'GCPCloudFunctions',
  category: 'functions',
  doc: 'Calls a function of Google Cloud with each alert.',
  shared: googleSection,
  config: schema({
    name: text({
      default: '',
      doc: 'Full name of the function.',
      example: 'projects/my-project/locations/europe-west1/functions/falco',
    }),
    endpoint: endpointKey('Cloud Functions'),
    timeout: callTimeoutKey(),
  }),
  enabledBy: ['name'],
  refuses: ({ name }) =>
    /^projects\/[^/]+\/locations\/[^/]+\/functions\/[^/]+$/.test(name)
      ? []
      : [{ key: 'name', why: 'is not `projects/<project>/locations/<region>/functions/<name>`' }],
  request: (alert, { name, endpoint }) => ({
    url: methodUrl(
      googleUrl(endpoint, 'https://cloudfunctions.googleapis.com', 'v1', ...name.split('/')),
      'call',
    ),
    json: { data: fitAlert(alert, MOST_ALERT_BYTES).json },
  }),
  classify: classifyExecution,
  answerLines: ({ body }) => [`Call CloudFunction OK (${textIn(parseObject(body)?.executionId)})`],
  client: ({ shared }, context) => googleClient(shared, context),
});

/** The call may be good, and the function not. */
function classifyExecution({ status, body }: HttpAnswer): Outcome | undefined {
  const error = status === 200 ? objectIn(parseObject(body))?.error : undefined;
  const reason = textIn(error);
  return reason === '' ? undefined : { kind: 'rejected', reason: `the function failed: ${reason}` };
}
