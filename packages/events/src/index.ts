export { type EventFlags, type EventType, eventFlag, type ParamDeclaration, type ParamFormat, type ParamType } from './event-type.ts';
export { EventView, HEADER_BYTES } from './wire/event-view.ts';
export { TextInterner } from './wire/text-interner.ts';
