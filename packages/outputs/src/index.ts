export {
  Delivery,
  type DeliveryOptions,
  type DeliveryReport,
  type NamedOutput,
} from './direct/direct-delivery.ts';
export {
  type BoundDirectSink,
  bindDirectSink,
  type DirectSink,
  type Output,
  type OutputContext,
  type RenderedAlert,
} from './direct/direct-sink.ts';
export { createInternalAlert, type InternalAlert } from './direct/internal-alert.ts';
export { directRoster } from './direct/roster.ts';
export { defaultLineOptions, INTERNAL_SOURCE, type LineOptions, renderAlert } from './render/alert-line.ts';
export { encodeJsonFields, encodeJsonValue } from './render/json-text.ts';
export { clockTime, iso8601Nanoseconds } from './render/time-text.ts';
