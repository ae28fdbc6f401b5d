export { Complaints, printable } from './complaints.ts';
export { msToNs, numberToNs, parseRfc3339Ns } from './event-time.ts';
export { type Batch, type FedEvent, type Feed, nothingToAcknowledge, type Tell } from './feed.ts';
export { FeedCounters, type RefuseReason, type RejectReason } from './feed-counters.ts';
export { documentNamed, GeneratorFeed, type GivenBatch } from './generator-feed.ts';
export { looksLikeAudit, nameOfAudit, unpackAudit } from './k8s-audit/unpack-audit.ts';
export { type FeedKind, type FeedSettings, openFeed } from './open-feed.ts';
export { type Unpack, type Unpacked, Unpacker, type Unpacking } from './unpack.ts';
export { unpackJson } from './unpack-json.ts';
