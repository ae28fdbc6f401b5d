export { JournalConsumer, type ReadLimits } from './consumer.ts';
export { type JournalDisk, type JournalFile, openDisk } from './disk.ts';
export {
  type Appended,
  Journal,
  type JournalOptions,
  type JournalReport,
  openJournal,
} from './journal.ts';
export { lockFolder } from './lock.ts';
export { type JournalRecord, MOST_PAYLOAD_BYTES } from './record.ts';
