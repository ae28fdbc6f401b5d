/**
 * What responses share with the outputs: credentials and clients of clouds, and requests whose answers are looked at. It
 * loads no library before one of them is called.
 */

export { below } from './sinks/parts/address.ts';
export {
  type AwsLinkContext,
  type AwsSettings,
  type AwsTrouble,
  awsClientOptions,
  awsSection,
  awsTrouble,
} from './sinks/parts/aws.ts';
export { cloudEventHeaders } from './sinks/parts/cloud-event.ts';
export { fitAlert } from './sinks/parts/fit-alert.ts';
export {
  type GoogleSettings,
  googleClient,
  googleIdentityClient,
  googleProject,
  googleSection,
  googleUrl,
} from './sinks/parts/google.ts';
export { beforeAbort, textWithoutSecrets } from './sinks/parts/linked-destination.ts';
export { type HttpAnswer, reasonOf, retryAfterMs } from './transport/http-answer.ts';
export { createHttpClient, type HttpClient, type HttpTrouble } from './transport/http-client.ts';
export { prepareRequest } from './transport/prepare-request.ts';
export { systemTrust, type TlsTrust } from './transport/tls-trust.ts';
