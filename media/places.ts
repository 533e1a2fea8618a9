/**
 * The places of a room: one at first. Another opens when those there carry as much as they should and a less busy worker is to be
 * had, on this node if it can be and else on a neighbour; a place that nobody uses any more closes. One on this node is always there
 * while anyone comes, and the first of those that is not being left is the ear: it hears all microphones.
 */
import type { types } from 'mediasoup';
import type { MediaWorker } from './media-worker.ts';
import { isLocal, type Load, type LocalPlace, openPlace, type Place } from './place.ts';
import { isBusy, isWorthAPlace } from './placement.ts';
import { gone } from './refusals.ts';
import type { MediaSettings } from './settings.ts';
import type { SpeakerListener } from './speaker.ts';
import type { Workers } from './workers.ts';

export interface Places {
  /** The place for one more, when `people` are in the room with them. Waits for a worker while there is none. */
  choose(people: number): Promise<Place>;
  /** A fresh place on a worker that carries none of the others; undefined when there is no such worker. */
  openElsewhere(): Promise<Place | undefined>;
  ear(): LocalPlace | undefined;
  all(): readonly Place[];
  on(worker: MediaWorker): LocalPlace | undefined;
  /** Nobody new comes to these; or again. */
  leave(places: readonly Place[]): void;
  stay(places: readonly Place[]): void;
  /** Closes what is on it. */
  close(place: Place): void;
  /** Closes those that nobody uses and nobody is about to; the last one of this node is kept, unless it is being left. */
  closeUnused(): void;
  /** All of them; what is being opened closes too. */
  closeAll(): void;
}

export const createPlaces = (options: {
  workers: Pick<Workers, 'take' | 'spare'>;
  settings: MediaSettings;
  /** A place on another node that is clearly less busy than this; undefined when there is none. */
  borrow: (busy: Load) => Promise<Place | undefined>;
  /** Consumers one worker should carry. */
  consumersPerWorker: number;
  /** How many people of the room have media there. */
  peopleAt: (place: Place) => number;
  listener: SpeakerListener;
  /** Another place hears from now on: it is to be told of every microphone. */
  onEar: (place: LocalPlace) => void;
  onClosed: (place: Place) => void;
}): Places => {
  const { workers, consumersPerWorker, peopleAt, listener } = options;
  const places = new Set<Place>();
  let opening: Promise<LocalPlace> | undefined;
  let borrowing: Promise<Place | undefined> | undefined;
  let ear: LocalPlace | undefined;
  /** Grows when everything is closed, so that what is being opened then closes too. */
  let life = 0;

  const staying = (): Place[] => [...places].filter(({ leaving }) => !leaving);

  const electEar = (): void => {
    const elected = staying().find(isLocal);
    if (elected === ear) return;
    ear = elected;
    if (elected !== undefined) options.onEar(elected);
  };

  const listenerFor = (router: types.Router): SpeakerListener => ({
    onSpeaker: (participantId) => ear?.router === router && listener.onSpeaker(participantId),
    onAudible: (participantIds) => ear?.router === router && listener.onAudible(participantIds),
  });

  /** Adds what `begin` opens. */
  const add = async <Opened extends Place | undefined>(begin: () => Promise<Opened>): Promise<Opened> => {
    const born = life;
    const place = await begin();
    if (place === undefined) return place;
    if (born !== life) {
      place.close();
      throw gone('The room is closed.');
    }
    places.add(place);
    electEar();
    return place;
  };
  const open = (take: () => Promise<MediaWorker>): Promise<LocalPlace> =>
    add(() => openPlace(take, options.settings, listenerFor));

  /** Those who come at the same time share what is being opened. */
  const openOnce = (take: () => Promise<MediaWorker>): Promise<LocalPlace> => {
    opening ??= open(take).finally(() => {
      opening = undefined;
    });
    return opening;
  };
  const borrowOnce = (busy: Load): Promise<Place | undefined> => {
    borrowing ??= add(() => options.borrow(busy)).finally(() => {
      borrowing = undefined;
    });
    return borrowing;
  };

  /** Everybody there is expected to receive a picture and a sound of everybody else. */
  const consumersAt = (place: Place, people: number): number =>
    Math.max((peopleAt(place) + place.expected + 1) * 2 * (people - 1), place.load.consumers);

  /** This worker, or any when it died meanwhile. */
  const alive = async (worker: MediaWorker): Promise<MediaWorker> => (worker.worker.closed ? workers.take() : worker);

  const elsewhere = (): MediaWorker | undefined => workers.spare([...places].filter(isLocal).map(({ worker }) => worker));

  const close = (place: Place): void => {
    if (!places.delete(place)) return;
    place.close();
    options.onClosed(place);
    electEar();
  };

  return {
    async choose(people) {
      const open = staying();
      if (!open.some(isLocal)) return openOnce(workers.take);
      for (const place of open) {
        place.full = isBusy(place.full, consumersAt(place, people) / consumersPerWorker, place.load.cpu);
        if (!place.full) return place;
      }
      const [calmest] = open.sort((a, b) => consumersAt(a, people) - consumersAt(b, people)) as [Place];
      if (opening !== undefined) return opening;
      const busy = { cpu: calmest.load.cpu, consumers: consumersAt(calmest, people) };
      const spare = elsewhere();
      if (spare !== undefined && isWorthAPlace({ cpu: spare.cpu, consumers: spare.carries.consumers }, busy))
        return openOnce(() => alive(spare));
      return (await borrowOnce(busy)) ?? calmest;
    },
    async openElsewhere() {
      const spare = elsewhere();
      return spare && (await open(() => alive(spare)));
    },
    ear: () => ear,
    all: () => [...places],
    on: (worker) => [...places].filter(isLocal).find((place) => place.worker === worker),
    leave(left) {
      for (const place of left) place.leaving = true;
      electEar();
    },
    stay(back) {
      for (const place of back) place.leaving = false;
      electEar();
    },
    close,
    closeUnused() {
      for (const place of places) {
        const isUnused = peopleAt(place) === 0 && place.expected === 0;
        const isKept = isLocal(place) && !place.leaving && staying().filter(isLocal).length === 1;
        if (isUnused && !isKept) close(place);
      }
    },
    closeAll() {
      life += 1;
      const all = [...places];
      places.clear();
      for (const place of all) {
        place.close();
        options.onClosed(place);
      }
      ear = undefined;
      opening = undefined;
      borrowing = undefined;
    },
  };
};
