export {
  type EventFlags,
  type EventType,
  eventFlag,
  type ParamDeclaration,
  type ParamFormat,
  type ParamType,
} from './event-type.ts';
export type { FlagTable } from './flags/define-flags.ts';
export { flagRoster, flagTable } from './flags/roster.ts';
export { renderJsonText } from './json/decode-json.ts';
export { pointerPath } from './json/json-key.ts';
export { type JsonFailure, JsonNode } from './json/json-node.ts';
export { JsonReader } from './json/json-reader.ts';
export { type Measured, measureJson } from './json/json-size.ts';
export { errnoName } from './text/errno-names.ts';
export { FlagNames } from './text/flag-names.ts';
export type { ParamNames } from './text/param-names.ts';
export { ParamText } from './text/param-text.ts';
export { printable } from './text/printable.ts';
export { signalName } from './text/signal-names.ts';
export {
  codeOfWireName,
  EVENT_CODE_COUNT,
  eventCodesOf,
  eventNames,
  eventRoster,
  eventTypeOf,
} from './types/roster.ts';
export {
  GENERIC_CODES,
  type Syscall,
  type SyscallSet,
  syscallById,
  syscallByName,
  syscallRoster,
} from './types/syscalls.ts';
export { type VariantTable, variantRoster, variantsOf } from './types/variants.ts';
export { BlockBuffer, eventBlockBytes } from './wire/block-buffer.ts';
export { type ByteInput, memoryInput } from './wire/byte-input.ts';
export { ByteWriter } from './wire/byte-writer.ts';
export { blockType, processListTypes } from './wire/capture-format.ts';
export { type CaptureHandler, CaptureReader, type CaptureSkips } from './wire/capture-reader.ts';
export { CaptureWriter } from './wire/capture-writer.ts';
export { decodeParam, decodeParams } from './wire/decoder.ts';
export { type EventInput, encodeEvent, encodeView } from './wire/encoder.ts';
export { EventView, HEADER_BYTES, viewFlag } from './wire/event-view.ts';
export {
  type DynamicValue,
  layoutOf,
  type ParamLayout,
  type ParamValue,
  type PolledFd,
  type SocketAddressValue,
  type SocketTupleValue,
  socketFamily,
} from './wire/param-value.ts';
export { TextInterner } from './wire/text-interner.ts';
