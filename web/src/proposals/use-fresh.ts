/**
 * Asks anew when a page comes into view and when one comes back to its window. What has a conversation is told as it happens; a new
 * proposal without one is not.
 */
import { useEffect } from 'react';

export const useFresh = (reload: () => void): void => {
  useEffect(() => {
    reload();
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') reload();
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, [reload]);
};
