/** The cameras, microphones and speakers there are; heard of again when one is plugged in or may be named. */
import { useEffect, useState } from 'react';

/** `renewal` changes when permission may have been given: before that, devices have no names. */
export const useDevices = (renewal?: unknown): readonly MediaDeviceInfo[] => {
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `renewal` is what asks again.
  useEffect(() => {
    const { mediaDevices } = navigator;
    if (mediaDevices === undefined) return;
    let stale = false;
    const read = (): void => {
      mediaDevices.enumerateDevices().then(
        (found) => stale || setDevices(found.filter(({ deviceId }) => deviceId !== '')),
        () => {},
      );
    };
    read();
    mediaDevices.addEventListener('devicechange', read);
    return () => {
      stale = true;
      mediaDevices.removeEventListener('devicechange', read);
    };
  }, [renewal]);
  return devices;
};

export const canChooseSpeaker = (): boolean => 'setSinkId' in HTMLMediaElement.prototype;
