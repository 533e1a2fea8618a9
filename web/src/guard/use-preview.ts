/** Asks what would become of a text while it is written: when the keys rest, of the latest text alone, and never in anybody's way. */
import { useEffect, useState } from 'react';
import type { PreviewPlace } from '../../../client/types.ts';
import { type GuardFinding, MAX_BODY_LENGTH } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';

export interface Previewed {
  /** The text that it is about. */
  readonly text: string;
  readonly findings: readonly GuardFinding[];
}

const REST_MS = 400;
/** Nothing shorter says anything. */
const MIN_LENGTH = 4;

/** `place` keeps its identity from one render to the next; null where nothing is to be asked. */
export const usePreview = (place: PreviewPlace | null, draft: string): Previewed | null => {
  const { client } = useParley();
  const [latest, setLatest] = useState<Previewed | null>(null);
  // A space at the end changes nothing, and the places in the text stay right without it.
  const text = draft.trimEnd();
  const isAsked = place !== null && text.trim().length >= MIN_LENGTH && text.length <= MAX_BODY_LENGTH;

  useEffect(() => {
    if (!isAsked) {
      setLatest(null);
      return;
    }
    let stale = false;
    const timer = setTimeout(() => {
      client.preview(place, text).then(
        ({ findings }) => stale || setLatest({ text, findings }),
        () => {
          // Without an answer nothing is said; it is looked at when it is sent.
        },
      );
    }, REST_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [client, place, text, isAsked]);

  return isAsked ? latest : null;
};
