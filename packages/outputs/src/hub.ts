/** What the hub needs of this package; apart from the rest, so that a sensor's start loads none of it. */

export {
  outputDiagnostics,
  type ReadSection,
  readSection,
  type SinkSettings,
  sectionSchemaOf,
  splitSettings,
} from './settings/sink-settings.ts';
export { type HubFacts, type Sink, type SinkCategory, sinkCategories } from './sink.ts';
export { sinkRoster } from './sinks/roster.ts';
