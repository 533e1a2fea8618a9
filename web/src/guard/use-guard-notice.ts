/** What is shown of a text while it is written: what was found, the words in question, and whether one has put it away. */
import { useEffect, useMemo, useState } from 'react';
import type { PreviewPlace } from '../../../client/types.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { movedSpans, type Span, spansOf } from './spans.ts';
import { type Previewed, usePreview } from './use-preview.ts';
import { type Notice, noticesOf, saidOf } from './words.ts';

export interface GuardNotice {
  readonly notices: readonly Notice[];
  /** Of the text as it is now. */
  readonly spans: readonly Span[];
  /** Puts the notice away until something else is found; false when none is shown. */
  hide(): boolean;
}

interface Found {
  readonly notices: readonly Notice[];
  readonly spans: readonly Span[];
}

const NOTHING: Found = { notices: [], spans: [] };

const foundIn = ({ findings, text }: Previewed): Found => ({ notices: noticesOf(findings, text), spans: spansOf(findings) });

export const useGuardNotice = (place: PreviewPlace | null, draft: string): GuardNotice => {
  const announce = useAnnounce();
  const previewed = usePreview(place, draft);
  const [hidden, setHidden] = useState('');
  const found = useMemo(() => (previewed === null ? NOTHING : foundIn(previewed)), [previewed]);
  const spans = useMemo(
    () => (previewed === null ? [] : movedSpans(found.spans, previewed.text, draft)),
    [previewed, found, draft],
  );
  // All that was in question is gone or changed: the next answer tells.
  const notices = found.spans.length > 0 && spans.length === 0 ? NOTHING.notices : found.notices;
  const said = saidOf(notices);
  const isHidden = said === hidden;

  useEffect(() => {
    if (said !== '') announce(said);
    else setHidden('');
  }, [said, announce]);

  return {
    notices: isHidden ? [] : notices,
    spans,
    hide() {
      if (isHidden || notices.length === 0) return false;
      setHidden(said);
      return true;
    },
  };
};
