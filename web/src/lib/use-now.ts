/** The present time for what is shown, renewed at each full step, so that clocks on screen turn together. */
import { useEffect, useState } from 'react';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;

export const useNow = (stepMs: number = MINUTE_MS): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      setNow(Date.now());
      timer = setTimeout(tick, stepMs - (Date.now() % stepMs));
    };
    tick();
    return () => clearTimeout(timer);
  }, [stepMs]);
  return now;
};
