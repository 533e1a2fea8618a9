/** Asks what would become of a text while it is written: when the keys rest, of the latest text alone, and never in anybody's way. */
import { useEffect, useMemo, useState } from 'react';
import type { PreviewPlace } from '../../../client/types.ts';
import { type GuardFinding, partsOf } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';

export interface Previewed {
  /** The text that it is about. */
  readonly text: string;
  readonly findings: readonly GuardFinding[];
}

const REST_MS = 400;
/** Nothing shorter says anything. */
const MIN_LENGTH = 4;

/** Of a text that is sent as several messages each is asked about. `place` keeps its identity from one render to the next; null where nothing is to be asked. */
export const usePreview = (place: PreviewPlace | null, draft: string): Previewed | null => {
  const { client } = useParley();
  const [latest, setLatest] = useState<Previewed | null>(null);
  // A space at the end changes nothing, and the places in the text stay right without it.
  const text = draft.trimEnd();
  const parts = useMemo(() => partsOf(text), [text]);
  const isAsked = place !== null && text.trim().length >= MIN_LENGTH;

  useEffect(() => {
    if (!isAsked) {
      setLatest(null);
      return;
    }
    let stale = false;
    const timer = setTimeout(() => {
      Promise.all(parts.map(async (part) => movedBy(part.start, (await client.preview(place, part.text)).findings))).then(
        (findings) => stale || setLatest({ text, findings: findings.flat() }),
        () => {
          // Without an answer nothing is said; it is looked at when it is sent.
        },
      );
    }, REST_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [client, place, text, parts, isAsked]);

  return isAsked ? latest : null;
};

/** Findings of a part of a text, by their places in the whole. */
const movedBy = (by: number, findings: readonly GuardFinding[]): GuardFinding[] =>
  findings.map(({ spans, ...finding }) => ({
    ...finding,
    spans: spans.map((span) => (span.message === null ? { ...span, start: span.start + by, end: span.end + by } : span)),
  }));
