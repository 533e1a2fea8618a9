/**
 * How topics are channels on Redis. A topic belongs to one of a fixed number of buckets, and the bucket is the channel's hash tag: in a
 * Cluster the topics of a bucket live in one slot, so that hundreds of them are subscribed to with one command, and the buckets
 * spread over all masters. Every node must agree on this.
 */
import { crc16 } from '../redis/slot.ts';

export const BUCKETS = 64;

export const bucketOf = (topic: string): number => crc16(topic) % BUCKETS;

/** The part of a name that holds it to the slot of a bucket. */
export const tagOf = (bucket: number): string => `{${bucket}}:`;

/** A topic's channel, without the deployment's prefix. */
export const channelOf = (topic: string): string => `${tagOf(bucketOf(topic))}${topic}`;

export const topicOf = (channel: string): string => channel.slice(channel.indexOf('}:') + 2);

/** In front of a frame stands the node that published it, which does not hear it; or nobody, and all nodes do. */
export const NODE_ID_LENGTH = 8;
export const FROM_NOBODY = '-'.repeat(NODE_ID_LENGTH);
