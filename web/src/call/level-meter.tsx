/** Shows that the microphone hears something. Bars for the eye, a sentence for the ear, once. */
import { useEffect, useRef, useState } from 'react';
import css from './level-meter.module.css';

const BARS = 16;
/** Root mean square of ordinary speech into a laptop, roughly; a full meter. */
const LOUD = 0.14;
const HEARD = 0.02;

export const LevelMeter = ({ track }: { readonly track: MediaStreamTrack }) => {
  const bars = useRef<HTMLSpanElement>(null);
  const [heard, setHeard] = useState(false);

  useEffect(() => {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 1_024 });
    const source = context.createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let level = 0;
    let frame = 0;
    const draw = (): void => {
      analyser.getFloatTimeDomainData(samples);
      const energy = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      level = Math.max(energy, level * 0.88);
      const lit = Math.round(Math.min(1, level / LOUD) * BARS);
      bars.current?.setAttribute('data-lit', String(lit));
      bars.current?.style.setProperty('--lit', String(lit));
      if (energy > HEARD) setHeard(true);
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      void context.close();
    };
  }, [track]);

  return (
    <span className={css.meter}>
      <span ref={bars} className={css.bars} aria-hidden="true" />
      <span className="unseen" role="status">
        {heard ? 'Your microphone works.' : ''}
      </span>
    </span>
  );
};
