/** How well media flows for a participant, from the worker's packet scores: 0 nothing arrives, 10 nothing is lost. */
import type { Quality } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';

/** The worst of the streams decides; one that is not flowing on purpose is not among the scores. */
export const qualityOf = (scores: readonly number[]): Quality => {
  const worst = Math.min(10, ...scores);
  if (worst >= 7) return 'good';
  return worst >= 4 ? 'poor' : 'bad';
};

export interface QualityMeter {
  /** What was last told. */
  readonly quality: Quality;
  observe(quality: Quality): void;
  close(): void;
}

/** Tells a change only once it has held for `settleMs`, and nothing twice: scores jump while a stream starts or a layer changes. */
export const createQualityMeter = (options: {
  clock: Clock;
  settleMs: number;
  onChange: (quality: Quality) => void;
}): QualityMeter => {
  const { clock, settleMs, onChange } = options;
  let told: Quality = 'good';
  let pending: { quality: Quality; cancel: () => void } | undefined;

  const giveUp = (): void => {
    pending?.cancel();
    pending = undefined;
  };
  const tell = (quality: Quality): void => {
    pending = undefined;
    told = quality;
    onChange(quality);
  };
  return {
    get quality() {
      return told;
    },
    observe(quality) {
      if (quality === pending?.quality) return;
      giveUp();
      if (quality !== told) pending = { quality, cancel: clock.after(settleMs, () => tell(quality)) };
    },
    close: giveUp,
  };
};
