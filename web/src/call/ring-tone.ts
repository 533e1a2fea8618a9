/** The sound of a call coming in: two soft notes, again and again. */

const NOTES = [
  { at: 0, frequency: 659.25 },
  { at: 0.18, frequency: 880 },
  { at: 0.6, frequency: 659.25 },
  { at: 0.78, frequency: 880 },
];
const NOTE_SECONDS = 0.42;
const PERIOD_MS = 2_600;
const LOUDNESS = 0.12;

/** Rings until told to stop. Browsers allow sound only where the person has touched the page; elsewhere it stays silent. */
export const startRingTone = (): (() => void) => {
  if (!navigator.userActivation.hasBeenActive) return () => {};
  const context = new AudioContext();

  const play = (): void => {
    for (const { at, frequency } of NOTES) {
      const start = context.currentTime + at;
      const gain = new GainNode(context, { gain: 0 });
      const tone = new OscillatorNode(context, { type: 'sine', frequency });
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_SECONDS);
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + NOTE_SECONDS);
    }
  };

  play();
  const timer = setInterval(play, PERIOD_MS);
  return () => {
    clearInterval(timer);
    void context.close();
  };
};
