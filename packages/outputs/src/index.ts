export {
  Delivery,
  type DeliveryOptions,
  type DeliveryReport,
  type NamedOutput,
} from './delivery/delivery.ts';
export { createInternalAlert, type InternalAlert } from './internal-alert.ts';
export {
  type BoundSink,
  bindSink,
  type Output,
  type OutputContext,
  type RenderedAlert,
  type Sink,
} from './output.ts';
export { defaultLineOptions, INTERNAL_SOURCE, type LineOptions, renderAlert } from './render/alert-line.ts';
export { encodeJsonFields, encodeJsonValue } from './render/json-text.ts';
export { clockTime, iso8601Nanoseconds } from './render/time-text.ts';
export { sinkRoster } from './sinks/roster.ts';
