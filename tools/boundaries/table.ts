/** Which package may import which: the one table that the boundaries test holds everyone to. */

export interface PackageRule {
  /** Our packages it may import; `base` is open to all. */
  readonly imports: readonly string[];
  /** Packages from elsewhere that it may depend on. */
  readonly thirdParty: readonly string[];
  /** Whether it may use Node's modules for files, network, processes and clocks. */
  readonly touchesWorld: boolean;
  /** Our packages that its tests may import besides. */
  readonly testImports?: readonly string[];
}

const detection = ['lang', 'events', 'alert', 'state', 'fields'];

export const packageRules: Readonly<Record<string, PackageRule>> = {
  base: { imports: [], thirdParty: ['yaml'], touchesWorld: false },
  lang: { imports: [], thirdParty: ['yaml', 're2js'], touchesWorld: false },
  events: { imports: [], thirdParty: [], touchesWorld: false },
  alert: { imports: [], thirdParty: [], touchesWorld: false },
  state: { imports: ['events'], thirdParty: [], touchesWorld: false, testImports: ['sources'] },
  fields: { imports: ['lang', 'events', 'state'], thirdParty: [], touchesWorld: false },
  sources: {
    imports: ['events', 'state'],
    thirdParty: [
      'koffi',
      'fflate',
      '@grpc/grpc-js',
      '@aws-sdk/client-cloudwatch-logs',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-sqs',
      '@nats-io/jetstream',
      '@nats-io/transport-node',
      '@platformatic/kafka',
    ],
    touchesWorld: true,
  },
  engine: { imports: detection, thirdParty: [], touchesWorld: false, testImports: ['sources'] },
  query: { imports: ['alert', 'lang'], thirdParty: [], touchesWorld: false },
  hub: { imports: ['alert', 'template', 'lang', 'query'], thirdParty: [], touchesWorld: false },
  store: {
    imports: ['alert', 'lang', 'query'],
    thirdParty: ['pg'],
    touchesWorld: true,
    testImports: ['outputs'],
  },
  journal: { imports: [], thirdParty: [], touchesWorld: true },
  template: { imports: ['alert'], thirdParty: [], touchesWorld: false },
  outputs: {
    imports: ['alert', 'template'],
    thirdParty: [
      'koffi',
      'yaml',
      '@azure/identity',
      '@grpc/grpc-js',
      '@smithy/node-http-handler',
      '@smithy/signature-v4',
      'google-auth-library',
      'pg',
      '@aws-sdk/client-cloudwatch-logs',
      '@aws-sdk/client-kinesis',
      '@aws-sdk/client-lambda',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-sns',
      '@aws-sdk/client-sqs',
      '@aws-sdk/client-sts',
      '@aws-sdk/credential-providers',
      '@nats-io/jetstream',
      '@nats-io/transport-node',
      '@platformatic/kafka',
      '@redis/client',
      'amqplib',
      'hyparquet-writer',
      'mqtt',
      'nodemailer',
    ],
    touchesWorld: true,
    testImports: ['sources'],
  },
  api: { imports: [], thirdParty: ['zod', 'openid-client'], touchesWorld: true, testImports: ['store'] },
  actions: {
    imports: ['alert', 'query', 'outputs'],
    thirdParty: ['@kubernetes/client-node', 'koffi', 'ws', '@aws-sdk/client-lambda', '@aws-sdk/client-s3'],
    touchesWorld: true,
    testImports: ['sources'],
  },
  functions: { imports: ['api'], thirdParty: ['yaml', 'koffi'], touchesWorld: true },
  app: {
    imports: [
      ...detection,
      'engine',
      'sources',
      'outputs',
      'actions',
      'api',
      'functions',
      'template',
      'journal',
      'query',
      'hub',
      'store',
    ],
    thirdParty: ['yaml', 'koffi'],
    touchesWorld: true,
  },
  cli: { imports: ['app'], thirdParty: [], touchesWorld: true },
};

/** Node's modules that only compute or load code; packages that do not touch the world may import these. */
export const pureNodeModules: readonly string[] = ['node:buffer', 'node:util', 'node:module', 'node:zlib'];
