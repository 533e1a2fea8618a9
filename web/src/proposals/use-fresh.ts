/**
 * Asks anew when a page comes into view and when one comes back to its window. Proposals that come and change are told as it happens; a
 * job's new title, or another bid, is not.
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
