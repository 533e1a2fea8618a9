/** What one sends in a call, and turning it on and off. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Call, CallParticipant } from '../../../client/types.ts';
import { useNotify } from '../ui/notices.tsx';
import { deviceErrorText, type LocalKind, openDevice, openScreen } from './devices.ts';

export interface CallControls {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  /** A device is being opened. */
  readonly busy: ReadonlySet<LocalKind>;
  toggleMicrophone(): void;
  toggleCamera(): void;
  toggleScreen(): void;
  /** Opens the device of one's choice anew, if it is in use. */
  renew(kind: LocalKind): void;
}

export const useCallControls = (call: Call, self: CallParticipant | undefined): CallControls => {
  const notify = useNotify();
  const [busy, setBusy] = useState<ReadonlySet<LocalKind>>(new Set());
  const microphone = self?.tracks.microphone;
  const camera = self?.tracks.camera;
  const screen = self?.tracks.screen;
  const isMuted = self?.muted.includes('microphone') ?? false;

  const open = useCallback(
    async (kind: LocalKind) => {
      setBusy((before) => new Set([...before, kind]));
      try {
        await call.setTrack(kind, await openDevice(kind));
        await call.setMuted(kind, false);
      } catch (error) {
        notify(deviceErrorText(error, kind));
      }
      setBusy((before) => new Set([...before].filter((one) => one !== kind)));
    },
    [call, notify],
  );

  /** A step that the SDK makes good by itself when the room is joined again. */
  const attempt = useCallback(
    (step: Promise<void>, text: string) => {
      step.catch(() => notify(text));
    },
    [notify],
  );

  // Fires when a device goes away, not when we stop it.
  useEffect(() => {
    const tracks = [
      [microphone, 'Your microphone was disconnected.'],
      [camera, 'Your camera was disconnected.'],
    ] as const;
    const releases = tracks.map(([track, text]) => {
      const onEnded = (): void => notify(text);
      track?.addEventListener('ended', onEnded);
      return () => track?.removeEventListener('ended', onEnded);
    });
    return () => {
      for (const release of releases) release();
    };
  }, [microphone, camera, notify]);

  return useMemo(
    () => ({
      microphone: microphone !== undefined,
      camera: camera !== undefined,
      screen: screen !== undefined,
      busy,
      toggleMicrophone() {
        if (microphone !== undefined) attempt(call.setMuted('microphone', true), 'The microphone could not be muted.');
        else if (isMuted) attempt(call.setMuted('microphone', false), 'The microphone could not be unmuted.');
        else if (!busy.has('microphone')) void open('microphone');
      },
      toggleCamera() {
        // Removed rather than muted, so that the camera's light goes out.
        if (camera !== undefined) attempt(call.removeTrack('camera'), 'The camera could not be turned off.');
        else if (!busy.has('camera')) void open('camera');
      },
      toggleScreen() {
        if (screen !== undefined) {
          attempt(
            Promise.all([call.removeTrack('screen'), call.removeTrack('screen-audio')]).then(() => {}),
            'Sharing could not be stopped.',
          );
          return;
        }
        const share = async (): Promise<void> => {
          const shown = await openScreen();
          if (shown === null) return;
          await call.setTrack('screen', shown.screen);
          if (shown.audio !== undefined) await call.setTrack('screen-audio', shown.audio);
        };
        attempt(share(), 'The screen could not be shared.');
      },
      renew(kind) {
        if (kind === 'microphone' ? microphone !== undefined || isMuted : camera !== undefined) void open(kind);
      },
    }),
    [call, microphone, camera, screen, isMuted, busy, open, attempt],
  );
};
