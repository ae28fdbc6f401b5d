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
export { EventView, HEADER_BYTES } from './wire/event-view.ts';
export { TextInterner } from './wire/text-interner.ts';
