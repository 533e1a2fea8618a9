/**
 * What a media node lends another: a place for a part of a room, which is a router on one of its workers. The room stays where it is, with
 * its people, its events and everything that is decided; over here are only transports and tracks, made and closed as the room says. The
 * borrower speaks over the link that gateways use too (`lend` in media-link.ts), and a link that breaks ends what was lent over it.
 *
 * Ids of places, transport pairs and bridges are the borrower's, UUIDs; those of producers and consumers are the lender's workers'. Closing
 * what is gone is success. What a client sent has passed the protocol's schemas at the gateway; both ends of the link know the cluster's secret.
 */
import { z } from 'zod';
import {
  DtlsParameters,
  IceParameters,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
  TransportDirection,
  TransportOptions,
} from '../protocol/index.ts';

const command = <Command extends z.ZodType, Reply extends z.ZodType>(schema: Command, reply: Reply) => ({
  command: schema,
  reply,
});
const nothing = z.object({});
const place = { placeId: z.uuid() };
const media = { ...place, mediaId: z.uuid() };
const bridge = { ...place, bridgeId: z.uuid() };
const producer = { ...place, producerId: z.string().max(128) };
const consumer = { ...place, consumerId: z.string().max(128) };
/** Made by one worker for another: beyond what a client may say. */
const workerParameters = z.looseObject({ codecs: z.array(z.unknown()) });
const srtpParameters = z.object({ cryptoSuite: z.string(), keyBase64: z.string() });

const BridgeAddress = z.object({ ip: z.string(), port: z.int(), srtpParameters });
const BridgedTrack = z.object({ bridgedId: z.uuid(), kind: MediaKind, rtpParameters: workerParameters, paused: z.boolean() });
const BridgeNotice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('paused'), bridgedId: z.uuid(), paused: z.boolean() }),
  z.object({ type: z.literal('closed'), bridgedId: z.uuid() }),
]);

export const LEND_COMMANDS = {
  /** `lent` is false when this node has no worker that is clearly less busy than the borrower's calmest place, or takes no rooms. */
  openPlace: command(
    z.object({ ...place, roomId: z.string(), busy: z.object({ cpu: z.number(), consumers: z.int() }) }),
    z.object({ lent: z.boolean() }),
  ),
  closePlace: command(z.object(place), nothing),

  openTransports: command(z.object(media), z.object({ send: TransportOptions, receive: TransportOptions })),
  connectTransport: command(z.object({ ...media, direction: TransportDirection, dtlsParameters: DtlsParameters }), nothing),
  restartIce: command(z.object({ ...media, direction: TransportDirection }), z.object({ iceParameters: IceParameters })),
  closeTransports: command(z.object(media), nothing),

  produce: command(
    z.object({ ...media, kind: MediaKind, rtpParameters: RtpParameters, paused: z.boolean(), keyFrameRequestDelay: z.int() }),
    z.object({ producerId: z.string() }),
  ),
  pauseProducer: command(z.object({ ...producer, paused: z.boolean() }), nothing),
  closeProducer: command(z.object(producer), nothing),

  /** `consumer` is null when the client cannot play the track. It is made paused. */
  consume: command(
    z.object({ ...media, producerId: z.string(), rtpCapabilities: RtpCapabilities }),
    z.object({
      consumer: z
        .object({
          consumerId: z.string(),
          type: z.enum(['simple', 'simulcast', 'svc', 'pipe']),
          rtpParameters: workerParameters,
          priority: z.int(),
        })
        .nullable(),
    }),
  ),
  pauseConsumer: command(z.object({ ...consumer, paused: z.boolean() }), nothing),
  setPreferredLayers: command(z.object({ ...consumer, spatialLayer: z.int(), temporalLayer: z.int() }), nothing),
  setPriority: command(z.object({ ...consumer, priority: z.int() }), nothing),
  closeConsumer: command(z.object(consumer), nothing),

  /** To another place of the same borrower on this node. */
  pipe: command(z.object({ ...producer, toPlaceId: z.uuid() }), z.object({ producerId: z.string() })),

  /** One end of a bridge to a place on another node; see media/bridge.ts. */
  openBridge: command(z.object(bridge), z.object({ address: BridgeAddress })),
  connectBridge: command(z.object({ ...bridge, other: BridgeAddress }), nothing),
  forward: command(z.object({ ...bridge, producerId: z.string() }), z.object({ track: BridgedTrack })),
  receive: command(z.object({ ...bridge, track: BridgedTrack }), z.object({ producerId: z.string() })),
  notice: command(z.object({ ...bridge, notice: BridgeNotice }), nothing),
  hears: command(z.object(bridge), z.object({ hears: z.boolean() })),
  stop: command(z.object({ ...bridge, bridgedId: z.uuid() }), nothing),
  closeBridge: command(z.object(bridge), nothing),
} as const;

export type LendCommandName = keyof typeof LEND_COMMANDS;
export type LendCommand<Name extends LendCommandName> = z.output<(typeof LEND_COMMANDS)[Name]['command']>;
export type LendReply<Name extends LendCommandName> = z.output<(typeof LEND_COMMANDS)[Name]['reply']>;

/** One command with its name, as it crosses the link. */
export const LendRequest = z
  .object({ name: z.enum(Object.keys(LEND_COMMANDS) as [LendCommandName, ...LendCommandName[]]), command: z.unknown() })
  .transform(({ name, command: given }, context) => {
    const parsed = (LEND_COMMANDS[name].command as z.ZodType).safeParse(given);
    if (parsed.success) return { name, command: parsed.data as LendCommand<LendCommandName> };
    for (const { path, message } of parsed.error.issues)
      context.addIssue({ code: 'custom', path: ['command', ...path], message });
    return z.NEVER;
  });

/** What the lender tells. Of a track: what its worker says of it. */
export const LentEvent = z.discriminatedUnion('about', [
  z.object({ about: z.literal('load'), ...place, cpu: z.number(), consumers: z.int() }),
  /** Its worker died, or the node lets go of it. */
  z.object({ about: z.literal('place closed'), ...place }),
  /** The node drains: nobody new, and who is there has this long to move. */
  z.object({ about: z.literal('place leaving'), ...place, withinMs: z.int() }),
  z.object({ about: z.literal('place staying'), ...place }),
  z.object({ about: z.literal('transports'), ...media, cut: z.boolean() }),
  z.object({ about: z.literal('producer'), ...producer, score: z.array(z.object({ score: z.number() })) }),
  z.object({ about: z.literal('producer closed'), ...producer }),
  z.object({ about: z.literal('consumer'), ...consumer, score: z.number() }),
  z.object({
    about: z.literal('layers'),
    ...consumer,
    layers: z.object({ spatialLayer: z.int(), temporalLayer: z.int().optional() }).nullable(),
  }),
  z.object({ about: z.literal('bridge'), ...bridge, notice: BridgeNotice }),
]);
export type LentEvent = z.infer<typeof LentEvent>;
