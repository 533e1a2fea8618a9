/**
 * Tracks on the routers of other places. A track is piped to a place the first time somebody there is to receive it; pausing, resuming
 * and closing follow the original by themselves. Between places of two nodes it goes over a bridge, one for each pair of places.
 */
import type { Clock } from '../src/clock.ts';
import type { BridgeEnd } from './bridge.ts';
import { createOnce, type Once } from './once.ts';
import type { SentTrack } from './participant.ts';
import type { Place } from './place.ts';
import { unlessGone } from './refusals.ts';
import type { RoomProducer } from './tracks.ts';

export interface Pipes {
  /** The track's producer at a place. */
  reach(track: SentTrack, place: Place): Promise<RoomProducer>;
  /** A place is gone, and its bridges with it. */
  forget(place: Place): void;
}

/** A bridge is looked at this often until something has come out, this many times while something goes in. */
const LISTEN_EVERY_MS = 1_500;
const MAX_SILENCES = 3;

interface Bridge {
  readonly places: readonly [Place, Place];
  /** Places that were heard at, or are listened for. */
  readonly heard: Set<Place>;
  /** The end at each. */
  readonly ends: Promise<ReadonlyMap<Place, BridgeEnd>>;
}

export const createPipes = (options: {
  /** For what the other end noticed, which is nobody's request. */
  quietly: (work: () => Promise<unknown>) => void;
  clock: Clock;
  /** What flows at one place does not come out at the other: the network between the nodes lets nothing through. */
  onDeaf: (from: Place, to: Place) => void;
}): Pipes => {
  const piped = new WeakMap<SentTrack, Once<Place, RoomProducer>>();
  const bridges = new Set<Bridge>();

  const connect = async (one: Place, other: Place): Promise<ReadonlyMap<Place, BridgeEnd>> => {
    const ends = new Map<Place, BridgeEnd>();
    const open = async (at: Place, to: Place): Promise<BridgeEnd> => {
      const end = await at.openBridge((notice) => options.quietly(async () => ends.get(to)?.notice(notice)));
      ends.set(at, end);
      return end;
    };
    try {
      const [here, there] = await Promise.all([open(one, other), open(other, one)]);
      await Promise.all([here.connect(there.address), there.connect(here.address)]);
      return ends;
    } catch (error) {
      for (const end of ends.values()) end.close();
      throw error;
    }
  };
  const bridgeBetween = (one: Place, other: Place): Bridge => {
    const known = [...bridges].find(({ places }) => places.includes(one) && places.includes(other));
    if (known !== undefined) return known;
    const bridge: Bridge = { places: [one, other], heard: new Set(), ends: connect(one, other) };
    bridges.add(bridge);
    bridge.ends.catch(() => bridges.delete(bridge));
    return bridge;
  };
  /** Whoever is there would see and hear nothing, and nobody would say why. */
  const listen = async (bridge: Bridge, { producer, place: from }: SentTrack, to: Place, far: BridgeEnd): Promise<void> => {
    if (bridge.heard.has(to)) return;
    bridge.heard.add(to);
    for (let silences = 0; silences < MAX_SILENCES; ) {
      await new Promise<void>((resolve) => void options.clock.after(LISTEN_EVERY_MS, resolve));
      if (!bridges.has(bridge) || (await far.hears())) return;
      // The next track is listened for.
      if (producer.closed || producer.paused) return void bridge.heard.delete(to);
      if (producer.score.some(({ score }) => score > 0)) silences += 1;
    }
    options.onDeaf(from, to);
  };
  const carry = async (track: SentTrack, to: Place): Promise<RoomProducer> => {
    const { producer, place: from } = track;
    const bridge = bridgeBetween(from, to);
    const ends = await bridge.ends;
    const [near, far] = [ends.get(from), ends.get(to)] as [BridgeEnd, BridgeEnd];
    const received = await far.receive(await near.forward(producer));
    options.quietly(() => listen(bridge, track, to, far));
    return received;
  };

  return {
    async reach(track, place) {
      if (track.place === place) return track.producer;
      const reached = piped.get(track) ?? createOnce<Place, RoomProducer>();
      piped.set(track, reached);
      return reached.get(place, () => track.place.pipe(track.producer, place) ?? carry(track, place));
    },
    forget(place) {
      for (const bridge of bridges) {
        if (!bridge.places.includes(place)) continue;
        bridges.delete(bridge);
        const close = async (): Promise<void> => {
          for (const [at, end] of await bridge.ends) if (at !== place) end.close();
        };
        options.quietly(() => unlessGone(close));
      }
    },
  };
};
