/** What the hub needs of this package; apart from the rest, so that a sensor's start loads none of it. */

export {
  DeadLetters,
  findDeadLetters,
  type LetterPlace,
  listDeadLetters,
  orderReplay,
  readDeadLetter,
  removeLetter,
  type StoredLetter,
} from './delivery/dead-letters.ts';
export { type DeliveryCounters, type DeliveryEvent, OutputRunner } from './delivery/output-runner.ts';
export { passesPriority } from './delivery/passes-priority.ts';
export { createTransmitter, type TransmitterContext } from './delivery/transmitter.ts';
export { type CounterReading, StatsdReporter, type StatsdSettings, statsdConfig } from './metrics/statsd.ts';
export { type HashRequest, readRedisHashes } from './redis-hashes.ts';
export { isSecretHeader, secretHider } from './settings/hide-secrets.ts';
export {
  outputDiagnostics,
  type ReadSection,
  readSection,
  type SinkSettings,
  sectionSchemaOf,
  splitSettings,
} from './settings/sink-settings.ts';
export { pairsOf, tidySection } from './settings/tidy-section.ts';
export { type HubCounter, type HubFacts, type Sink, type SinkCategory, sinkCategories } from './sink.ts';
export { sinkRoster } from './sinks/roster.ts';
export type { HttpAnswer } from './transport/http-answer.ts';
export type { PreparedRequest } from './transport/prepare-request.ts';
export { systemTrust, type TlsTrust } from './transport/tls-trust.ts';
