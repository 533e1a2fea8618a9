/** What is shown of a text while it is written: what was found, the words in question, and whether one has put it away. */
import { useEffect, useMemo, useState } from 'react';
import type { PreviewPlace } from '../../../client/types.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { movedSpans, type Span, spansOf } from './spans.ts';
import { usePreview } from './use-preview.ts';
import { type Notice, noticesOf, saidOf } from './words.ts';

export interface GuardNotice {
  readonly notices: readonly Notice[];
  /** Of the text as it is now. */
  readonly spans: readonly Span[];
  /** Puts the notice away until something else is found; false when none is shown. */
  hide(): boolean;
}

export const useGuardNotice = (place: PreviewPlace | null, draft: string): GuardNotice => {
  const announce = useAnnounce();
  const previewed = usePreview(place, draft);
  const [hidden, setHidden] = useState('');
  const notices = useMemo(() => (previewed === null ? [] : noticesOf(previewed.findings, previewed.text)), [previewed]);
  const spans = useMemo(
    () => (previewed === null ? [] : movedSpans(spansOf(previewed.findings), previewed.text, draft)),
    [previewed, draft],
  );
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
